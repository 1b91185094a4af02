// The catalogue of all texts: each wing registers its own here.
import { auditFieldTexts } from "./audit/field_texts.ts";
import { auditTexts } from "./audit/texts.ts";
import { identityTexts } from "./identity/texts.ts";
import { kitTexts } from "./kit/texts.ts";
import { libraryTexts } from "./library/texts.ts";
import { mailsTexts } from "./mails/texts.ts";
import { tenancyTexts } from "./tenancy/texts.ts";
import { workTexts } from "./work/texts.ts";

/** The texts of every wing; a test refuses a key that two wings declare. */
export const TEXTS_OF_WINGS = [
  kitTexts,
  identityTexts,
  libraryTexts,
  workTexts,
  tenancyTexts,
  auditTexts,
  auditFieldTexts,
  mailsTexts,
] as const;

type Keys<Texts> = Texts extends unknown ? keyof Texts : never;
export type TextKey = Keys<typeof TEXTS_OF_WINGS[number]> & string;
