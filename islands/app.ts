// Loaded by every page: htmx and the behaviour that it does not provide. The parts are independent of each other.
import { startAssetPage } from "./library/asset_page.ts";
import { keepZone } from "./kit/choices.ts";
import { startCopying } from "./kit/copy.ts";
import { startGrid } from "./library/grid.ts";
import { startLastList } from "./library/last_list.ts";
import { startJobs } from "./work/job_list.ts";
import { startLive } from "./kit/live.ts";
import { startMenus } from "./kit/menus.ts";
import { startNavigation } from "./kit/navigation.ts";
import { startShortcuts } from "./kit/shortcuts.ts";
import { startToasts } from "./kit/toasts.ts";
import { startUndo } from "./kit/undo.ts";
import "./library/upload_tray.ts";

keepZone();
startNavigation();
startLastList();
startToasts();
startUndo();
startMenus();
startCopying();
startShortcuts();
startLive(startGrid(), startJobs(), startAssetPage());
