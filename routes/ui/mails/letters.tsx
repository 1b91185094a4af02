// Turns each letter into a message in the language of its recipient.
import type { Platform } from "../../../lib/platform/platform.ts";
import { findInvitationByToken, recordMailOutcome } from "../../../lib/identity/invitations/invitations.ts";
import type { MailWriter } from "../../../lib/mails/mails.ts";
import type { AccessChange, LetterOf } from "../../../lib/mails/schema.ts";
import { findEmailChange } from "../../../lib/identity/users/email_changes.ts";
import { offerResets } from "../../../lib/identity/password_resets/password_resets.ts";
import { publicUrl } from "../../../lib/platform/config.ts";
import type { Message } from "../../../lib/platform/mail/mail.ts";
import { writeMessage } from "./views/letter.tsx";
import { wordsOf } from "../kit/words.ts";

/** How each kind of letter is written. */
export function mailWriter(platform: Platform): MailWriter {
  return {
    compose: async (letter) => {
      if (letter.kind === "invitation") return await writeInvitation(platform, letter);
      if (letter.kind === "password_reset") return await writeReset(platform, letter);
      if (letter.kind === "email_change") return await writeEmailChange(platform, letter);
      if (letter.kind === "access") return writeAccess(platform, letter);
      return writeChange(platform, letter);
    },
    settled: async (letter, outcome) => {
      if (letter.kind === "invitation") await recordMailOutcome(platform, letter.invitation_id, outcome);
    },
  };
}

async function writeInvitation(
  platform: Platform,
  { to, language, token }: LetterOf<"invitation">,
): Promise<Message | undefined> {
  const invitation = await findInvitationByToken(platform, token);
  if (!invitation) return undefined;
  const words = wordsOf(language);
  const { t } = words;
  const tenant = invitation.tenant_name;
  return writeMessage(words, to, {
    subject: t("letter.invitation_subject", { tenant }),
    lead: t("letter.invitation_text", { tenant }),
    links: [{ label: t("letter.invitation_link"), url: link(platform, "join", token) }],
    end: t("letter.invitation_end"),
  });
}

async function writeReset(
  platform: Platform,
  letter: LetterOf<"password_reset">,
): Promise<Message | undefined> {
  const offers = await offerResets(platform, letter);
  if (offers.length === 0) return undefined;
  const words = wordsOf(offers[0]!.language ?? letter.language);
  const { t } = words;
  return writeMessage(words, letter.to, {
    subject: t("letter.reset_subject"),
    lead: t("letter.reset_text", { email: letter.to }),
    links: offers.map(({ token, tenant_name }) => ({
      label: t("letter.reset_link", { tenant: tenant_name }),
      url: link(platform, "reset", token),
    })),
    end: t("letter.reset_end"),
  });
}

async function writeEmailChange(
  platform: Platform,
  { to, language, token }: LetterOf<"email_change">,
): Promise<Message | undefined> {
  const change = await findEmailChange(platform, token);
  if (!change) return undefined;
  const words = wordsOf(language);
  const { t } = words;
  const about = { email: change.email, tenant: change.tenant_name };
  return writeMessage(words, to, {
    subject: t("letter.email_change_subject"),
    lead: t("letter.email_change_text", about),
    links: [{ label: t("letter.email_change_link"), url: link(platform, "confirm-email", token) }],
    end: t("letter.email_change_end"),
  });
}

function writeChange(
  { config }: Platform,
  { to, language, change, tenant }: LetterOf<"change">,
): Message {
  const words = wordsOf(language);
  const { t } = words;
  return writeMessage(words, to, {
    subject: t("letter.change_subject", { tenant }),
    lead: t(`letter.${change}`, { email: to, tenant }),
    links: [{ label: t("letter.change_link"), url: `${publicUrl(config)}/forgot` }],
    end: t("letter.change_end", { tenant }),
  });
}

/** Where each kind of lasting access is listed, and can be ended. */
const PAGE_OF: Record<AccessChange, string> = {
  key_added: "/settings/keys",
  key_changed: "/settings/keys",
  admin_key_added: "/settings/keys",
  admin_key_changed: "/settings/keys",
  administrator_added: "/admin",
  administrator_invited: "/admin",
  provider_added: "/admin/providers",
  provider_changed: "/admin/providers",
};

function writeAccess(
  { config }: Platform,
  { to, language, change, tenant, name, by }: LetterOf<"access">,
): Message {
  const words = wordsOf(language);
  const { t } = words;
  return writeMessage(words, to, {
    subject: t("letter.access_subject", { tenant }),
    lead: t(`letter.${change}`, { name, by, tenant }),
    links: [{ label: t("letter.access_link"), url: publicUrl(config) + PAGE_OF[change] }],
    end: t("letter.access_end"),
  });
}

function link({ config }: Platform, page: string, token: string): string {
  return `${publicUrl(config)}/${page}?token=${token}`;
}
