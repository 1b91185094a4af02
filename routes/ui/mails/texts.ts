// Texts of the mails that Akashi sends.
import { defineTexts } from "../kit/define_texts.ts";

export const mailsTexts = defineTexts({
  "letter.invitation_subject": { en: "Invitation to {tenant}", "pt-BR": "Convite para {tenant}" },
  "letter.invitation_text": {
    en: "You are invited to work with {tenant} in Akashi, its media archive.",
    "pt-BR": "Você foi convidado a trabalhar com {tenant} no Akashi, o acervo de mídia da casa.",
  },
  "letter.invitation_link": { en: "Accept the invitation", "pt-BR": "Aceitar o convite" },
  "letter.invitation_end": {
    en: "The link works once and ends in 7 days. If you did not expect it, ignore this message.",
    "pt-BR":
      "O link vale uma vez e expira em 7 dias. Se você não esperava este convite, ignore esta mensagem.",
  },
  "letter.reset_subject": { en: "Choose a new password", "pt-BR": "Escolha uma nova senha" },
  "letter.reset_text": {
    en: "Somebody, hopefully you, asked for a new password for {email}.",
    "pt-BR": "Alguém, esperamos que você, pediu uma nova senha para {email}.",
  },
  "letter.reset_link": { en: "New password for {tenant}", "pt-BR": "Nova senha para {tenant}" },
  "letter.reset_end": {
    en:
      "The link works once, for one hour. If it was not you, ignore this message: your password stays as it is.",
    "pt-BR":
      "O link vale uma vez, por uma hora. Se não foi você, ignore esta mensagem: sua senha continua a mesma.",
  },
  "letter.change_subject": {
    en: "How you sign in to {tenant} was changed",
    "pt-BR": "Sua forma de entrar em {tenant} mudou",
  },
  "letter.password_changed": {
    en: "The password of {email} was changed.",
    "pt-BR": "A senha de {email} foi alterada.",
  },
  "letter.password_reset": {
    en: "A new password was chosen for {email}, by a link that was sent to this address.",
    "pt-BR": "Uma nova senha foi escolhida para {email}, por um link enviado a este endereço.",
  },
  "letter.codes_renewed": {
    en: "New recovery codes were made for {email}; the old ones are good for nothing any more.",
    "pt-BR": "Novos códigos de recuperação foram criados para {email}; os antigos não valem mais.",
  },
  "letter.factor_reset": {
    en:
      "An administrator of {tenant} took the authenticator app and the passkeys from {email}. The password alone signs in now.",
    "pt-BR":
      "Um administrador de {tenant} removeu o aplicativo autenticador e as chaves de acesso de {email}. Agora só a senha basta para entrar.",
  },
  "letter.app_added": {
    en: "An authenticator app was set up for {email}.",
    "pt-BR": "Um aplicativo autenticador foi configurado para {email}.",
  },
  "letter.app_removed": {
    en: "The authenticator app of {email} was removed.",
    "pt-BR": "O aplicativo autenticador de {email} foi removido.",
  },
  "letter.provider_linked": {
    en: "{email} can now sign in through your organisation's single sign-on.",
    "pt-BR": "{email} agora pode entrar pelo login único da sua organização.",
  },
  "letter.provider_unlinked": {
    en: "{email} can no longer sign in through your organisation's single sign-on.",
    "pt-BR": "{email} não pode mais entrar pelo login único da sua organização.",
  },
  "letter.passkey_added": {
    en: "A passkey was added for {email}.",
    "pt-BR": "Uma chave de acesso foi adicionada para {email}.",
  },
  "letter.passkey_removed": {
    en: "A passkey of {email} was removed.",
    "pt-BR": "Uma chave de acesso de {email} foi removida.",
  },
  "letter.email_changed": {
    en: "{email} is no longer the address of your account at {tenant}: it was changed.",
    "pt-BR": "{email} não é mais o endereço da sua conta em {tenant}: ele foi alterado.",
  },
  "letter.email_change_subject": { en: "Confirm your new address", "pt-BR": "Confirme seu novo endereço" },
  "letter.email_change_text": {
    en: "The account {email} at {tenant} is to have this address from now on.",
    "pt-BR": "A conta {email} em {tenant} passará a ter este endereço.",
  },
  "letter.email_change_link": { en: "Confirm this address", "pt-BR": "Confirmar este endereço" },
  "letter.email_change_end": {
    en: "The link works once and ends in 24 hours. If you did not expect it, ignore this message.",
    "pt-BR": "O link vale uma vez e expira em 24 horas. Se você não esperava isto, ignore esta mensagem.",
  },
  "letter.access_subject": { en: "New access to {tenant}", "pt-BR": "Novo acesso a {tenant}" },
  "letter.key_added": {
    en: "{by} made the API key “{name}”, which acts in {tenant} with the rights of this account.",
    "pt-BR": "{by} criou a chave de API “{name}”, que age em {tenant} com os direitos desta conta.",
  },
  "letter.key_changed": {
    en: "{by} gave other rights to the API key “{name}” of this account in {tenant}.",
    "pt-BR": "{by} mudou os direitos da chave de API “{name}” desta conta em {tenant}.",
  },
  "letter.admin_key_added": {
    en: "{by} made the API key “{name}”, which may administer {tenant}.",
    "pt-BR": "{by} criou a chave de API “{name}”, que pode administrar {tenant}.",
  },
  "letter.admin_key_changed": {
    en: "{by} let the API key “{name}” administer {tenant}.",
    "pt-BR": "{by} permitiu que a chave de API “{name}” administre {tenant}.",
  },
  "letter.administrator_added": {
    en: "{name} is an administrator of {tenant} from now on, by {by}.",
    "pt-BR": "{name} agora faz parte da administração de {tenant}, por {by}.",
  },
  "letter.administrator_invited": {
    en: "{by} invited {name} as an administrator of {tenant}.",
    "pt-BR": "{by} convidou {name} para a administração de {tenant}.",
  },
  "letter.provider_added": {
    en: "{by} set up “{name}” as a way to sign in to {tenant}.",
    "pt-BR": "{by} configurou “{name}” como forma de entrar em {tenant}.",
  },
  "letter.provider_changed": {
    en: "{by} changed “{name}”, a way to sign in to {tenant}.",
    "pt-BR": "{by} mudou “{name}”, uma forma de entrar em {tenant}.",
  },
  "letter.access_link": { en: "See who has access", "pt-BR": "Ver quem tem acesso" },
  "letter.access_end": {
    en: "If you know of it, there is nothing to do. If not, end it there and choose a new password.",
    "pt-BR": "Se você sabe disso, não há nada a fazer. Se não, encerre-o lá e escolha uma nova senha.",
  },
  "letter.change_link": {
    en: "It was not you? Choose a new password",
    "pt-BR": "Não foi você? Escolha uma nova senha",
  },
  "letter.change_end": {
    en: "If it was you, there is nothing to do. If it was not, also tell an administrator of {tenant}.",
    "pt-BR": "Se foi você, não há nada a fazer. Se não foi, avise também um administrador de {tenant}.",
  },
});
