// What every page loads: htmx, and the little that it cannot do. Each part stands for itself.
import { startAssetPage } from "./asset_page.ts";
import { startCopying } from "./copy.ts";
import { startGrid } from "./grid.ts";
import { startJobs } from "./job_list.ts";
import { startLive } from "./live.ts";
import { startMenus } from "./menus.ts";
import { startNavigation } from "./navigation.ts";
import { startShortcuts } from "./shortcuts.ts";
import { startToasts } from "./toasts.ts";
import "./upload_tray.ts";

startNavigation();
startToasts();
startMenus();
startCopying();
startShortcuts();
startLive(startGrid(), startJobs(), startAssetPage());
