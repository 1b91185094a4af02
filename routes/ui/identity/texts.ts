// Texts of sign-in, settings, security, people, groups and identity providers.
import { defineTexts } from "../kit/define_texts.ts";

const WEAK_PASSWORD = {
  en:
    "Choose one that is more than your name, your address or your organisation's, and not among the most common.",
  "pt-BR":
    "Escolha uma que seja mais do que seu nome, seu endereço ou o da organização, e que não esteja entre as mais comuns.",
};
const UNKNOWN_PASSKEY = {
  en: "This passkey is not known here, or it answered too late. Try again.",
  "pt-BR": "Esta chave de acesso não é conhecida aqui ou respondeu tarde demais. Tente de novo.",
};

export const identityTexts = defineTexts({
  "sign_in.title": { en: "Sign in", "pt-BR": "Entrar" },
  "sign_in.lead": { en: "Sign in to Akashi", "pt-BR": "Entrar no Akashi" },
  "sign_in.email": { en: "E-mail", "pt-BR": "E-mail" },
  "sign_in.password": { en: "Password", "pt-BR": "Senha" },
  "sign_in.tenant": { en: "Organisation code", "pt-BR": "Código da organização" },
  "sign_in.tenant_hint": {
    en: "Your address belongs to several organisations. Type the code of the one to enter.",
    "pt-BR": "Seu endereço pertence a várias organizações. Digite o código daquela em que quer entrar.",
  },
  "sign_in.again": {
    en: "You signed in a while ago. Prove once more that it is you, then repeat what you were about to do.",
    "pt-BR": "Faz tempo que você entrou. Prove mais uma vez que é você e repita o que ia fazer.",
  },
  "error.rate_limit.requests": {
    en: "Too many attempts. Try again in {seconds} s.",
    "pt-BR": "Tentativas demais. Tente de novo em {seconds} s.",
  },
  "sign_in.submit": { en: "Sign in", "pt-BR": "Entrar" },
  "error.sign_in.invalid_credentials": {
    en: "E-mail or password is not right.",
    "pt-BR": "E-mail ou senha não conferem.",
  },
  "sign_in.incomplete": {
    en: "Type your e-mail and your password.",
    "pt-BR": "Digite seu e-mail e sua senha.",
  },
  "sign_in.passkey": { en: "Use a passkey", "pt-BR": "Usar uma chave de acesso" },
  "sign_in.passkey_failed": {
    en: "No passkey was used. Try again, or sign in another way.",
    "pt-BR": "Nenhuma chave de acesso foi usada. Tente de novo ou entre de outra forma.",
  },
  "error.sign_in.passkey_unknown": UNKNOWN_PASSKEY,
  "error.sign_in.step_passkey_invalid": UNKNOWN_PASSKEY,
  "sign_in.step_title": { en: "Confirm it is you", "pt-BR": "Confirme que é você" },
  "error.sign_in.step_expired": {
    en: "That took too long. Sign in again.",
    "pt-BR": "Demorou demais. Entre de novo.",
  },
  "sign_in.code": { en: "Code", "pt-BR": "Código" },
  "sign_in.code_hint": {
    en: "From your authenticator app, or one of your recovery codes.",
    "pt-BR": "Do seu aplicativo autenticador, ou um dos seus códigos de recuperação.",
  },
  "sign_in.code_needed": { en: "Type a code.", "pt-BR": "Digite um código." },
  "sign_in.recovery_code": { en: "Recovery code", "pt-BR": "Código de recuperação" },
  "sign_in.recovery_code_hint": {
    en: "Without your passkey, type one of your recovery codes.",
    "pt-BR": "Sem a sua chave de acesso, digite um dos seus códigos de recuperação.",
  },
  "error.sign_in.step_code_invalid": {
    en: "This code is not right, or it was used before. Type another one.",
    "pt-BR": "Este código não está certo ou já foi usado. Digite outro.",
  },
  "error.rate_limit.codes": {
    en: "Too many codes were tried. Try again in {seconds} s.",
    "pt-BR": "Foram tentados códigos demais. Tente de novo em {seconds} s.",
  },
  "sign_in.start_again": { en: "Sign in as somebody else", "pt-BR": "Entrar como outra pessoa" },
  "sign_in.forgot": { en: "Forgotten password?", "pt-BR": "Esqueceu a senha?" },
  "sign_in.providers": { en: "Other ways to sign in", "pt-BR": "Outras formas de entrar" },
  "sign_in.with": { en: "Continue with {name}", "pt-BR": "Continuar com {name}" },
  "sign_in.with_organisation": {
    en: "Sign in with your organisation",
    "pt-BR": "Entrar pela sua organização",
  },
  "sign_in.go_on": { en: "Go on", "pt-BR": "Continuar" },
  "sign_in.refused_away": {
    en: "{provider} does not answer right now. Try again shortly, or sign in another way.",
    "pt-BR": "{provider} não está respondendo. Tente de novo em instantes ou entre de outra forma.",
  },
  "sign_in.refused_declined": {
    en: "{provider} did not confirm who you are. Try again, or sign in another way.",
    "pt-BR": "{provider} não confirmou quem você é. Tente de novo ou entre de outra forma.",
  },
  "sign_in.refused_unsound": {
    en:
      "What {provider} answered could not be verified, so no one was signed in. Try again; if it stays so, tell your administrator.",
    "pt-BR":
      "Não foi possível verificar a resposta de {provider}, por isso ninguém entrou. Tente de novo; se continuar assim, avise seu administrador.",
  },
  "sign_in.refused_unknown": {
    en: "This way to sign in is not open. Choose another one.",
    "pt-BR": "Esta forma de entrar não está aberta. Escolha outra.",
  },
  "sign_in.refused_no_email": {
    en: "{provider} did not tell your e-mail address, which is needed here. Ask your administrator.",
    "pt-BR": "{provider} não informou seu e-mail, que é necessário aqui. Fale com seu administrador.",
  },
  "sign_in.refused_unverified": {
    en: "{provider} has not verified your e-mail address. Verify it there, then try again.",
    "pt-BR": "{provider} não verificou seu e-mail. Verifique-o lá e tente de novo.",
  },
  "sign_in.refused_domain": {
    en: "Your e-mail address belongs to a domain that may not sign in with {provider} here.",
    "pt-BR": "Seu e-mail é de um domínio que não pode entrar com {provider} aqui.",
  },
  "sign_in.refused_not_linked": {
    en:
      "There is an account with your address, and it is not opened by {provider}. Sign in the way you did before.",
    "pt-BR":
      "Existe uma conta com o seu endereço, e {provider} não a abre. Entre da forma como entrava antes.",
  },
  "sign_in.refused_not_invited": {
    en: "{provider} knows you, but you have no account here. Ask your administrator to invite you.",
    "pt-BR": "{provider} conhece você, mas você não tem conta aqui. Peça um convite ao seu administrador.",
  },
  "sign_in.refused_full": {
    en: "Your organisation has as many people here as it may. Ask your administrator.",
    "pt-BR": "Sua organização já tem o máximo de pessoas aqui. Fale com seu administrador.",
  },
  "sign_in.refused_inactive": {
    en: "Your account here is deactivated. Ask your administrator.",
    "pt-BR": "Sua conta aqui está desativada. Fale com seu administrador.",
  },
  "sign_in.refused_expired": {
    en: "This sign-in took too long, or was begun somewhere else. Begin again.",
    "pt-BR": "Esta entrada demorou demais ou começou em outro lugar. Comece de novo.",
  },

  "settings.title": { en: "Settings", "pt-BR": "Ajustes" },
  "settings.profile": { en: "Profile", "pt-BR": "Perfil" },
  "settings.name": { en: "Name", "pt-BR": "Nome" },
  "settings.name_needed": {
    en: "Type a name of 1 to 255 characters.",
    "pt-BR": "Digite um nome de 1 a 255 caracteres.",
  },
  "settings.email": { en: "E-mail", "pt-BR": "E-mail" },
  "settings.email_needed": { en: "Type an e-mail address.", "pt-BR": "Digite um endereço de e-mail." },
  "settings.email_hint": {
    en: "Another address counts once you open the link that is sent there.",
    "pt-BR": "Outro endereço passa a valer quando você abrir o link enviado para ele.",
  },
  "settings.email_pending": {
    en: "A link was sent to {email}. Open it within 24 hours to change your address.",
    "pt-BR": "Um link foi enviado para {email}. Abra-o em até 24 horas para mudar seu endereço.",
  },
  "settings.email_stale": {
    en: "To change your address, prove once more that it is you.",
    "pt-BR": "Para mudar seu endereço, prove mais uma vez que é você.",
  },
  "settings.organisation": { en: "Organisation", "pt-BR": "Organização" },
  "settings.appearance": { en: "Appearance", "pt-BR": "Aparência" },
  "settings.password": { en: "Password", "pt-BR": "Senha" },
  "settings.current_password": { en: "Current password", "pt-BR": "Senha atual" },
  "settings.new_password": { en: "New password", "pt-BR": "Nova senha" },
  "settings.new_password_hint": {
    en: "At least 8 characters. A long sentence is fine. Other sessions are signed out.",
    "pt-BR": "Pelo menos 8 caracteres. Uma frase longa serve. As outras sessões serão encerradas.",
  },
  "settings.change_password": { en: "Change password", "pt-BR": "Mudar a senha" },
  "error.password.current_incorrect": {
    en: "This is not your current password.",
    "pt-BR": "Esta não é a sua senha atual.",
  },
  "settings.short_password": {
    en: "Choose at least 8 characters.",
    "pt-BR": "Escolha pelo menos 8 caracteres.",
  },
  "settings.no_password": {
    en: "You sign in with an account of your organisation and have no password here.",
    "pt-BR": "Você entra com uma conta da sua organização e não tem senha aqui.",
  },
  "error.password.common": WEAK_PASSWORD,
  "error.password.guessable": WEAK_PASSWORD,
  "settings.saved": { en: "Saved.", "pt-BR": "Salvo." },
  "settings.password_changed": { en: "The password is changed.", "pt-BR": "A senha foi mudada." },

  "people.invite": { en: "Invite", "pt-BR": "Convidar" },
  "people.invite_title": { en: "Invite by e-mail", "pt-BR": "Convidar por e-mail" },
  "people.email": { en: "E-mail", "pt-BR": "E-mail" },
  "people.role": { en: "Role", "pt-BR": "Papel" },
  "people.role_of": { en: "Role of {name}", "pt-BR": "Papel de {name}" },
  "people.invite_email_needed": { en: "Type an e-mail address.", "pt-BR": "Digite um endereço de e-mail." },
  "error.quota.users": {
    en: "Your organisation has as many people as it may.",
    "pt-BR": "Sua organização já tem o máximo de pessoas.",
  },
  "error.user.email_taken": {
    en: "This address has an account already.",
    "pt-BR": "Este endereço já tem uma conta.",
  },
  "people.stale": {
    en: "To invite people or to give more access, prove once more that it is you.",
    "pt-BR": "Para convidar pessoas ou dar mais acesso, prove mais uma vez que é você.",
  },
  "people.link": { en: "Link for {email}", "pt-BR": "Link para {email}" },
  "people.link_text": {
    en: "Send this link to {email}. It is shown only now, works once and ends in 7 days.",
    "pt-BR": "Envie este link para {email}. Ele só aparece agora, vale uma vez e expira em 7 dias.",
  },
  "people.link_mailed": {
    en: "{email} gets this link by e-mail. It is shown only now, works once and ends in 7 days.",
    "pt-BR": "{email} recebe este link por e-mail. Ele só aparece agora, vale uma vez e expira em 7 dias.",
  },
  "people.copy": { en: "Copy link", "pt-BR": "Copiar o link" },
  "people.copied": { en: "Link copied.", "pt-BR": "Link copiado." },
  "people.list": { en: "List of people", "pt-BR": "Lista de pessoas" },
  "people.name": { en: "Name", "pt-BR": "Nome" },
  "people.state": { en: "State", "pt-BR": "Situação" },
  "people.last_seen": { en: "Last sign-in", "pt-BR": "Última entrada" },
  "people.actions": { en: "Actions", "pt-BR": "Ações" },
  "people.active": { en: "Active", "pt-BR": "Ativa" },
  "people.inactive": { en: "Deactivated", "pt-BR": "Desativada" },
  "people.never": { en: "never", "pt-BR": "nunca" },
  "people.you": { en: "you", "pt-BR": "você" },
  "people.superuser": { en: "Superuser", "pt-BR": "Superusuário" },
  "people.deactivate": { en: "Deactivate", "pt-BR": "Desativar" },
  "people.reactivate": { en: "Reactivate", "pt-BR": "Reativar" },
  "people.saved": { en: "{title} is changed.", "pt-BR": "As mudanças em {title} foram salvas." },
  "people.deactivated": {
    en: "{title} is signed out and cannot come back in.",
    "pt-BR": "{title} saiu e não pode mais entrar.",
  },
  "people.reactivated": { en: "{title} may sign in again.", "pt-BR": "{title} pode entrar de novo." },
  "people.invitations": { en: "Open invitations", "pt-BR": "Convites abertos" },
  "people.invited_by": { en: "Invited by", "pt-BR": "Convite de" },
  "people.expires": { en: "Ends", "pt-BR": "Expira" },
  "people.no_mail": {
    en:
      "E-mail is not set up here (SMTP_URL): hand on the links of invitations yourself. People who forget their password cannot choose a new one.",
    "pt-BR":
      "O e-mail não está configurado aqui (SMTP_URL): repasse você mesmo os links dos convites. Quem esquecer a senha não poderá escolher outra.",
  },
  "people.mail_logged": {
    en:
      "E-mail is not set up here (SMTP_URL): messages are written to the server's log and reach no mailbox. Hand on the links of invitations yourself.",
    "pt-BR":
      "O e-mail não está configurado aqui (SMTP_URL): as mensagens vão para o log do servidor e não chegam a nenhuma caixa. Repasse você mesmo os links dos convites.",
  },
  "people.mail": { en: "E-mail", "pt-BR": "E-mail" },
  "people.mail_none": { en: "not sent", "pt-BR": "não enviado" },
  "people.mail_waiting": { en: "On its way", "pt-BR": "A caminho" },
  "people.mail_sent": { en: "Sent", "pt-BR": "Enviado" },
  "people.mail_failed": { en: "Not delivered", "pt-BR": "Não entregue" },
  "people.take_back": { en: "Take back", "pt-BR": "Retirar" },
  "people.taken_back": {
    en: "The invitation of {title} has ended.",
    "pt-BR": "O convite de {title} terminou.",
  },
  "people.choose_role": { en: "Change role", "pt-BR": "Mudar o papel" },
  "people.factor": { en: "second factor", "pt-BR": "segundo fator" },
  "people.factor_reset": {
    en: "{title} signs in with the password alone now.",
    "pt-BR": "{title} agora entra só com a senha.",
  },
  "people.reset_factor": { en: "Reset second factor", "pt-BR": "Redefinir segundo fator" },
  "people.reset_factor_title": {
    en: "Reset the second factor of {name}?",
    "pt-BR": "Redefinir o segundo fator de {name}?",
  },
  "people.reset_factor_text": {
    en:
      "Authenticator app, passkeys and recovery codes are removed and open sessions end. Make sure that it is really them who asked.",
    "pt-BR":
      "O aplicativo autenticador, as chaves de acesso e os códigos de recuperação são removidos e as sessões abertas terminam. Tenha certeza de que o pedido é mesmo da pessoa.",
  },

  "groups.text": {
    en: "People who are named together. What is shared with a group follows who is in it.",
    "pt-BR": "Pessoas citadas em conjunto. O que é compartilhado com um grupo vale para quem está nele.",
  },
  "groups.new": { en: "New group", "pt-BR": "Novo grupo" },
  "groups.name": { en: "Name", "pt-BR": "Nome" },
  "groups.name_needed": {
    en: "Type a name of 1 to 255 characters.",
    "pt-BR": "Digite um nome de 1 a 255 caracteres.",
  },
  "error.group.name_taken": {
    en: "Another group has this name.",
    "pt-BR": "Já existe um grupo com esse nome.",
  },
  "error.group.too_many": {
    en: "Your organisation has {most} groups, which is the most. Delete one first.",
    "pt-BR": "Sua organização já tem {most} grupos, que é o máximo. Exclua um antes.",
  },
  "groups.description": { en: "What it is for", "pt-BR": "Para que serve" },
  "groups.create": { en: "Create", "pt-BR": "Criar" },
  "groups.none": { en: "No groups yet.", "pt-BR": "Ainda não há grupos." },
  "groups.empty": { en: "No one is in this group yet.", "pt-BR": "Ainda não há ninguém neste grupo." },
  "groups.list": { en: "List of groups", "pt-BR": "Lista de grupos" },
  "groups.members": { en: "Members", "pt-BR": "Membros" },
  "groups.count.one": { en: "{count} member", "pt-BR": "{count} membro" },
  "groups.count.other": { en: "{count} members", "pt-BR": "{count} membros" },
  "groups.created": { en: "Created", "pt-BR": "Criado" },
  "groups.added": { en: "Added", "pt-BR": "Incluído" },
  "groups.person": { en: "Person", "pt-BR": "Pessoa" },
  "groups.add": { en: "Add member", "pt-BR": "Incluir membro" },
  "groups.remove": { en: "Remove", "pt-BR": "Remover" },
  "groups.saved": { en: "“{title}” is saved.", "pt-BR": "“{title}” foi salvo." },
  "groups.delete": { en: "Delete group", "pt-BR": "Apagar grupo" },
  "groups.delete_title": { en: "Delete “{name}”?", "pt-BR": "Apagar “{name}”?" },
  "groups.delete_text.one": {
    en: "Its {count} member loses what is shared with the group, at once. This cannot be undone.",
    "pt-BR":
      "O único membro ({count}) perde na hora o que é compartilhado com o grupo. Não dá para desfazer.",
  },
  "groups.delete_text.other": {
    en: "Its {count} members lose what is shared with the group, at once. This cannot be undone.",
    "pt-BR": "Os {count} membros perdem na hora o que é compartilhado com o grupo. Não dá para desfazer.",
  },
  "groups.deleted": { en: "“{title}” is deleted.", "pt-BR": "“{title}” foi apagado." },

  "providers.text": {
    en:
      "Where people of your organisation sign in with an account that they have already (OpenID Connect), such as Microsoft, Google, Okta or Keycloak.",
    "pt-BR":
      "Onde as pessoas da sua organização entram com uma conta que já têm (OpenID Connect), como Microsoft, Google, Okta ou Keycloak.",
  },
  "providers.none": {
    en:
      "No providers yet. Add one with what its administration page shows; what to enter there is shown next.",
    "pt-BR":
      "Nenhum provedor ainda. Adicione um com o que a página de administração dele mostra; o que informar lá aparece em seguida.",
  },
  "providers.list": { en: "List of providers", "pt-BR": "Lista de provedores" },
  "providers.name": { en: "Name on the button", "pt-BR": "Nome no botão" },
  "providers.issuer": { en: "Address (issuer)", "pt-BR": "Endereço (issuer)" },
  "providers.client_id": { en: "Client ID", "pt-BR": "ID do cliente (client ID)" },
  "providers.client_secret": { en: "Client secret", "pt-BR": "Segredo do cliente (client secret)" },
  "providers.no_secret": {
    en: "Forget the secret; this provider needs none",
    "pt-BR": "Esquecer o segredo; este provedor não precisa de um",
  },
  "providers.secret_kept": {
    en: "One is kept. Leave this empty to keep it.",
    "pt-BR": "Há um guardado. Deixe vazio para mantê-lo.",
  },
  "providers.create": { en: "Add provider", "pt-BR": "Adicionar provedor" },
  "providers.state": { en: "State", "pt-BR": "Situação" },
  "providers.created": { en: "Added", "pt-BR": "Adicionado" },
  "providers.open": { en: "open", "pt-BR": "aberto" },
  "providers.closed": { en: "closed", "pt-BR": "fechado" },
  "error.provider.too_many": {
    en: "Your organisation has as many providers as it may. Remove one first.",
    "pt-BR": "Sua organização já tem o máximo de provedores. Remova um antes.",
  },
  "providers.wrong_name": {
    en: "Type a name of 1 to 100 characters.",
    "pt-BR": "Digite um nome de 1 a 100 caracteres.",
  },
  "providers.wrong_issuer": {
    en: "Type the address as the provider names it, such as https://login.example.org.",
    "pt-BR": "Digite o endereço como o provedor o informa, por exemplo https://login.example.org.",
  },
  "providers.wrong_client_id": {
    en: "Type the client ID that the provider gave you.",
    "pt-BR": "Digite o ID do cliente que o provedor deu a você.",
  },
  "providers.redirect": { en: "Redirect address", "pt-BR": "Endereço de retorno" },
  "providers.redirect_text": {
    en: "Enter this address at the provider as redirect URI:",
    "pt-BR": "Informe este endereço no provedor como URI de redirecionamento:",
  },
  "providers.copy": { en: "Copy address", "pt-BR": "Copiar o endereço" },
  "providers.copied": { en: "The address is copied.", "pt-BR": "O endereço foi copiado." },
  "providers.connection": { en: "Connection", "pt-BR": "Conexão" },
  "providers.scopes": { en: "Scopes", "pt-BR": "Escopos" },
  "providers.scopes_hint": {
    en: "What is asked for, separated by spaces; openid is one of them.",
    "pt-BR": "O que é pedido, separado por espaços; openid é um deles.",
  },
  "providers.wrong_client_secret": {
    en: "Another address has another secret: type it too.",
    "pt-BR": "Outro endereço tem outro segredo: digite-o também.",
  },
  "providers.wrong_scopes": {
    en: "Type at least openid, and no more than 20 scopes.",
    "pt-BR": "Digite ao menos openid e no máximo 20 escopos.",
  },
  "providers.is_enabled": { en: "Open for signing in", "pt-BR": "Aberto para entrar" },
  "providers.is_enabled_hint": {
    en: "Its button is on the sign-in page.",
    "pt-BR": "O botão dele está na página de entrada.",
  },
  "providers.admission": { en: "Who comes in", "pt-BR": "Quem entra" },
  "providers.creates_users": {
    en: "Make an account at the first sign-in",
    "pt-BR": "Criar a conta na primeira entrada",
  },
  "providers.creates_users_hint": {
    en: "Otherwise only people who have been here before come in.",
    "pt-BR": "Caso contrário, só entra quem já esteve aqui.",
  },
  "providers.links_users": {
    en: "Open accounts that have the same e-mail address",
    "pt-BR": "Abrir contas que têm o mesmo e-mail",
  },
  "providers.links_users_hint": {
    en: "Only for a provider that never gives one person the address of another.",
    "pt-BR": "Somente para um provedor que não dá a ninguém o endereço de outra pessoa.",
  },
  "providers.email_domains": { en: "E-mail domains", "pt-BR": "Domínios de e-mail" },
  "providers.email_domains_hint": {
    en: "Who may come for the first time, as example.org; empty: all.",
    "pt-BR": "Quem pode vir pela primeira vez, como example.org; vazio: todos.",
  },
  "providers.wrong_email_domains": {
    en: "Type domains such as example.org, separated by spaces.",
    "pt-BR": "Digite domínios como example.org, separados por espaços.",
  },
  "providers.trusts_emails": {
    en: "Trust its addresses without proof",
    "pt-BR": "Confiar nos endereços dele sem comprovação",
  },
  "providers.trusts_emails_hint": {
    en:
      "For providers that do not say whether an address is verified (email_verified), such as Entra. Tick it only if people cannot choose their address there: otherwise somebody who enters another person's address opens that person's account here.",
    "pt-BR":
      "Para provedores que não informam se o endereço foi verificado (email_verified), como o Entra. Marque só se lá ninguém puder escolher o próprio endereço: senão, quem puser o endereço de outra pessoa abre a conta dela aqui.",
  },
  "error.provider.issuer_differs": {
    en: "The provider there calls itself {named}. Type exactly that.",
    "pt-BR": "O provedor nesse endereço se chama {named}. Digite exatamente isso.",
  },
  "error.provider.issuer_unsound": {
    en: "There is no OpenID provider at {address}: {error}.",
    "pt-BR": "Não há um provedor OpenID em {address}: {error}.",
  },
  "providers.is_strong": {
    en: "It asks for a second factor itself",
    "pt-BR": "Ele mesmo pede um segundo fator",
  },
  "providers.is_strong_hint": {
    en:
      "People who sign in with it are not asked for one here, unless it says that there was a password alone.",
    "pt-BR": "De quem vem por ele, nenhum é pedido aqui, a menos que ele diga que houve só uma senha.",
  },
  "providers.roles": { en: "Roles", "pt-BR": "Papéis" },
  "providers.default_role": { en: "Role of everybody else", "pt-BR": "Papel de todos os demais" },
  "providers.group_claim": { en: "Claim with the groups", "pt-BR": "Claim com os grupos" },
  "providers.group_claim_hint": {
    en: "As groups. When set, the groups decide the role at each sign-in; empty: roles are kept here.",
    "pt-BR":
      "Por exemplo, groups. Com ele, os grupos decidem o papel a cada entrada; vazio: os papéis são mantidos aqui.",
  },
  "providers.wrong_group_claim": {
    en: "Type a name of at most 100 characters.",
    "pt-BR": "Digite um nome de no máximo 100 caracteres.",
  },
  "providers.groups": {
    en: "Groups at the provider and their roles",
    "pt-BR": "Grupos no provedor e seus papéis",
  },
  "providers.group": { en: "Group {number}", "pt-BR": "Grupo {number}" },
  "providers.role_of_group": { en: "Role of group {number}", "pt-BR": "Papel do grupo {number}" },
  "providers.groups_hint": {
    en: "Of several groups the highest role counts. Empty a line to remove it; save for more lines.",
    "pt-BR":
      "De vários grupos vale o papel mais alto. Esvazie uma linha para removê-la; salve para ter mais linhas.",
  },
  "providers.wrong_group_roles": {
    en: "Type names of at most 200 characters, and at most 100 groups.",
    "pt-BR": "Digite nomes de no máximo 200 caracteres, e no máximo 100 grupos.",
  },
  "providers.stale": {
    en: "To change how people sign in, prove once more that it is you.",
    "pt-BR": "Para mudar como as pessoas entram, prove mais uma vez que é você.",
  },
  "providers.saved": { en: "“{title}” is saved.", "pt-BR": "“{title}” foi salvo." },
  "providers.delete": { en: "Remove provider", "pt-BR": "Remover provedor" },
  "providers.delete_title": { en: "Remove “{name}”?", "pt-BR": "Remover “{name}”?" },
  "providers.delete_text": {
    en:
      "No one signs in with it any more. Accounts stay; people without a password need “Forgotten password?” to get one.",
    "pt-BR":
      "Ninguém mais entra com ele. As contas ficam; quem não tem senha precisa de “Esqueceu a senha?” para criar uma.",
  },
  "providers.deleted": { en: "“{title}” is removed.", "pt-BR": "“{title}” foi removido." },

  "join.title": { en: "Accept invitation", "pt-BR": "Aceitar o convite" },
  "join.lead": { en: "Welcome to {tenant}", "pt-BR": "Boas-vindas a {tenant}" },
  "join.text": {
    en: "Choose a name and a password for {email}.",
    "pt-BR": "Escolha um nome e uma senha para {email}.",
  },
  "join.name": { en: "Your name", "pt-BR": "Seu nome" },
  "join.name_needed": {
    en: "Type a name of 1 to 255 characters.",
    "pt-BR": "Digite um nome de 1 a 255 caracteres.",
  },
  "join.submit": { en: "Start", "pt-BR": "Começar" },
  "join.spent_title": { en: "This invitation has ended", "pt-BR": "Este convite não vale mais" },
  "join.spent_text": {
    en: "It was used, taken back or is older than 7 days. Ask for a new one.",
    "pt-BR": "Foi usado, retirado ou tem mais de 7 dias. Peça um novo.",
  },
  "join.sign_in": { en: "Sign in", "pt-BR": "Entrar" },

  "forgot.title": { en: "Forgotten password", "pt-BR": "Esqueceu a senha?" },
  "forgot.text": {
    en: "Type your e-mail address. You get a link to choose a new password.",
    "pt-BR": "Digite seu e-mail. Você recebe um link para escolher uma nova senha.",
  },
  "forgot.submit": { en: "Send link", "pt-BR": "Enviar link" },
  "forgot.back": { en: "Back to sign-in", "pt-BR": "Voltar para a entrada" },
  "forgot.sent_title": { en: "Look into your mailbox", "pt-BR": "Confira seu e-mail" },
  "forgot.sent_text": {
    en: "If {email} has an account here, a link is on its way. It works once, for one hour.",
    "pt-BR": "Se {email} tiver uma conta aqui, um link está a caminho. Ele vale uma vez, por uma hora.",
  },
  "forgot.logged_title": { en: "Look into the server's log", "pt-BR": "Veja o log do servidor" },
  "forgot.logged_text": {
    en:
      "E-mail is not set up here (SMTP_URL), so nothing is sent. If {email} has an account, the link is in the server's log. It works once, for one hour.",
    "pt-BR":
      "O e-mail não está configurado aqui (SMTP_URL), então nada é enviado. Se {email} tiver uma conta, o link está no log do servidor. Ele vale uma vez, por uma hora.",
  },
  "forgot.no_mail": {
    en: "E-mail is not set up here, so no link can be sent. Ask an administrator for help.",
    "pt-BR":
      "O e-mail não está configurado aqui, então não é possível enviar um link. Peça ajuda a um administrador.",
  },

  "confirm_email.title": { en: "Confirm your new address", "pt-BR": "Confirme seu novo endereço" },
  "confirm_email.text": {
    en: "Your account at {tenant} is to have the address {email}.",
    "pt-BR": "Sua conta em {tenant} passará a ter o endereço {email}.",
  },
  "confirm_email.submit": { en: "Confirm", "pt-BR": "Confirmar" },
  "confirm_email.done_title": { en: "Your address is changed", "pt-BR": "Seu endereço foi alterado" },
  "confirm_email.done_text": {
    en: "Sign in with it from now on. You stay signed in where you are.",
    "pt-BR": "Use-o para entrar a partir de agora. Você continua conectado onde está.",
  },
  "confirm_email.spent_text": {
    en: "It was used, replaced by a later one or is older than 24 hours. Change the address again.",
    "pt-BR": "Ele foi usado, substituído por outro ou tem mais de 24 horas. Mude o endereço de novo.",
  },

  "reset.title": { en: "Choose a new password", "pt-BR": "Escolha uma nova senha" },
  "reset.text": { en: "For {email} at {tenant}.", "pt-BR": "Para {email} em {tenant}." },
  "reset.hint": {
    en: "At least 8 characters. A long sentence is fine. You are signed out everywhere.",
    "pt-BR":
      "Pelo menos 8 caracteres. Uma frase longa serve. Suas sessões serão encerradas em todos os lugares.",
  },
  "reset.submit": { en: "Change password", "pt-BR": "Alterar senha" },
  "reset.spent_title": { en: "This link has ended", "pt-BR": "Este link expirou" },
  "reset.spent_text": {
    en: "It was used already or is older than one hour. Nothing was changed.",
    "pt-BR": "Ele já foi usado ou tem mais de uma hora. Nada foi alterado.",
  },
  "reset.ask_again": { en: "Send a new link", "pt-BR": "Enviar um novo link" },
  "reset.done_title": { en: "Your password is changed", "pt-BR": "Sua senha foi alterada" },
  "reset.done_text": {
    en: "You are signed out everywhere. Sign in with the new password.",
    "pt-BR": "Suas sessões foram encerradas em todos os lugares. Entre com a nova senha.",
  },

  "access.sections": { en: "Parts of the settings", "pt-BR": "Partes dos ajustes" },
  "access.sessions": { en: "Sessions", "pt-BR": "Sessões" },
  "access.sessions_text": {
    en: "Where you are signed in. End what you do not know, then change your password.",
    "pt-BR": "Onde você entrou. Encerre o que não reconhece e depois mude a senha.",
  },
  "access.stale": {
    en: "To end sessions elsewhere, prove once more that it is you.",
    "pt-BR": "Para encerrar sessões em outros lugares, prove mais uma vez que é você.",
  },
  "access.device": { en: "Device", "pt-BR": "Dispositivo" },
  "access.address": { en: "Address", "pt-BR": "Endereço" },
  "access.last_used": { en: "Last used", "pt-BR": "Último uso" },
  "access.actions": { en: "Actions", "pt-BR": "Ações" },
  "access.this_one": { en: "this one", "pt-BR": "esta" },
  "access.program": { en: "Program", "pt-BR": "Programa" },
  "access.on": { en: "{browser} on {system}", "pt-BR": "{browser} em {system}" },
  "access.end": { en: "End", "pt-BR": "Encerrar" },
  "access.ended": { en: "The session has ended.", "pt-BR": "A sessão foi encerrada." },
  "access.end_all": { en: "Sign out everywhere", "pt-BR": "Sair de todos os lugares" },
  "access.end_keys": { en: "End my API keys as well", "pt-BR": "Encerrar também minhas chaves de API" },
  "access.end_keys_hint": {
    en: "Programs that use them stop. Otherwise keys stay as they are.",
    "pt-BR": "Os programas que as usam param. Caso contrário, as chaves ficam como estão.",
  },
  "access.keys": { en: "API keys", "pt-BR": "Chaves de API" },
  "access.keys_text": {
    en: "For programs that act for you: never with more rights than you have.",
    "pt-BR": "Para programas que agem por você: nunca com mais direitos do que você tem.",
  },
  "access.keys_stale": {
    en: "To create a key, prove once more that it is you.",
    "pt-BR": "Para criar uma chave, prove mais uma vez que é você.",
  },
  "access.new": { en: "New API key", "pt-BR": "Nova chave de API" },
  "access.no_keys": { en: "No keys yet.", "pt-BR": "Nenhuma chave ainda." },
  "access.key_name": { en: "Name", "pt-BR": "Nome" },
  "access.key_name_needed": {
    en: "Type a name of 1 to 255 characters.",
    "pt-BR": "Digite um nome de 1 a 255 caracteres.",
  },
  "access.scopes": { en: "May", "pt-BR": "Pode" },
  "access.scope_read": { en: "read", "pt-BR": "ler" },
  "access.scope_write": { en: "change", "pt-BR": "alterar" },
  "access.scope_admin": { en: "administer", "pt-BR": "administrar" },
  "access.expires_in": { en: "Ends in", "pt-BR": "Expira em" },
  "access.days.one": { en: "{count} day", "pt-BR": "{count} dia" },
  "access.days.other": { en: "{count} days", "pt-BR": "{count} dias" },
  "access.no_end": { en: "never", "pt-BR": "nunca" },
  "access.choose_end": { en: "Choose…", "pt-BR": "Escolha…" },
  "access.end_needed": {
    en: "Choose when the key ends.",
    "pt-BR": "Escolha quando a chave expira.",
  },
  "access.expires": { en: "Ends", "pt-BR": "Expira" },
  "access.create": { en: "Create key", "pt-BR": "Criar chave" },
  "access.new_key": { en: "New key", "pt-BR": "Nova chave" },
  "access.key_text": {
    en: "Copy it now: it is not shown again.",
    "pt-BR": "Copie agora: ela não será mostrada de novo.",
  },
  "access.copy": { en: "Copy key", "pt-BR": "Copiar a chave" },
  "access.copied": { en: "Key copied.", "pt-BR": "Chave copiada." },
  "access.key": { en: "Key", "pt-BR": "Chave" },
  "access.key_active": { en: "Active", "pt-BR": "Ativa" },
  "access.key_ended": { en: "Ended", "pt-BR": "Encerrada" },
  "access.key_revoked": { en: "Revoked", "pt-BR": "Revogada" },
  "access.unused": { en: "unused", "pt-BR": "sem uso" },
  "access.revoke": { en: "Revoke", "pt-BR": "Revogar" },
  "access.revoked": { en: "{title} is revoked.", "pt-BR": "{title} foi revogada." },
  "access.key_list": { en: "List of API keys", "pt-BR": "Lista de chaves de API" },
  "access.session_list": { en: "List of sessions", "pt-BR": "Lista de sessões" },

  "security.title": { en: "Security", "pt-BR": "Segurança" },
  "security.enrol_title": { en: "Set up a second factor", "pt-BR": "Configure um segundo fator" },
  "security.enrol_text": {
    en:
      "{organisation} asks everybody for a second factor beside the password. Choose one of these to go on.",
    "pt-BR": "{organisation} pede a todos um segundo fator além da senha. Escolha um destes para continuar.",
  },
  "security.stale": {
    en: "To change anything here, prove once more that it is you.",
    "pt-BR": "Para mudar algo aqui, prove mais uma vez que é você.",
  },
  "security.sign_in_again": { en: "Sign in again", "pt-BR": "Entrar de novo" },
  "security.app": { en: "Authenticator app", "pt-BR": "Aplicativo autenticador" },
  "security.app_text": {
    en: "An app on your phone shows a new code every 30 seconds, which you type after your password.",
    "pt-BR":
      "Um aplicativo no seu celular mostra um código novo a cada 30 segundos, que você digita depois da senha.",
  },
  "security.app_set_up": {
    en: "Set up an authenticator app",
    "pt-BR": "Configurar um aplicativo autenticador",
  },
  "security.app_replace": { en: "Set up another one", "pt-BR": "Configurar outro" },
  "security.app_added": {
    en: "The authenticator app is set up.",
    "pt-BR": "O aplicativo autenticador está configurado.",
  },
  "security.app_removed": {
    en: "The authenticator app is removed.",
    "pt-BR": "O aplicativo autenticador foi removido.",
  },
  "security.app_remove_title": {
    en: "Remove the authenticator app?",
    "pt-BR": "Remover o aplicativo autenticador?",
  },
  "security.since": { en: "In use since", "pt-BR": "Em uso desde" },
  "security.remove": { en: "Remove", "pt-BR": "Remover" },
  "security.remove_text": {
    en: "It will no longer let you in. Your other sessions end.",
    "pt-BR": "Não vai mais deixar você entrar. Suas outras sessões terminam.",
  },
  "security.passkeys": { en: "Passkeys", "pt-BR": "Chaves de acesso" },
  "security.passkeys_text": {
    en: "Your device signs you in by fingerprint, face or PIN, without a password. It cannot be phished.",
    "pt-BR":
      "Seu dispositivo faz você entrar pela digital, pelo rosto ou por um PIN, sem senha. Ninguém consegue roubá-la com um site falso.",
  },
  "security.passkey_name": { en: "Name of the new passkey", "pt-BR": "Nome da nova chave de acesso" },
  "security.passkey_default": { en: "Passkey {number}", "pt-BR": "Chave de acesso {number}" },
  "security.passkey_add": { en: "Add a passkey", "pt-BR": "Adicionar chave de acesso" },
  "security.passkey_added": { en: "The passkey is added.", "pt-BR": "A chave de acesso foi adicionada." },
  "security.passkey_not_made": {
    en: "No passkey was made. Try again, or use another device.",
    "pt-BR": "Nenhuma chave de acesso foi criada. Tente de novo ou use outro dispositivo.",
  },
  "security.passkey_removed": { en: "{title} is removed.", "pt-BR": "{title} foi removida." },
  "security.passkey_remove_title": { en: "Remove {name}?", "pt-BR": "Remover {name}?" },
  "security.on_one_device": { en: "On one device", "pt-BR": "Em um só dispositivo" },
  "security.synced": { en: "Synced between devices", "pt-BR": "Sincronizada entre dispositivos" },
  "security.added": { en: "added {when}", "pt-BR": "adicionada em {when}" },
  "security.used": { en: "used {when}", "pt-BR": "usada {when}" },
  "security.codes": { en: "Recovery codes", "pt-BR": "Códigos de recuperação" },
  "error.provider.only_sign_in_method": {
    en: "Nothing else would let you in. Add a passkey first.",
    "pt-BR": "Nada mais deixaria você entrar. Adicione antes uma chave de acesso.",
  },
  "security.providers": { en: "Single sign-on", "pt-BR": "Login único" },
  "security.codes_left.one": {
    en: "{count} code is left. Each lets you in once when your phone or passkey is gone.",
    "pt-BR":
      "Resta {count} código. Cada um deixa você entrar uma vez quando o celular ou a chave de acesso se perde.",
  },
  "security.codes_left.other": {
    en: "{count} codes are left. Each lets you in once when your phone or passkey is gone.",
    "pt-BR":
      "Restam {count} códigos. Cada um deixa você entrar uma vez quando o celular ou a chave de acesso se perde.",
  },
  "security.codes_text": {
    en:
      "Each of these codes lets you in once when your phone or passkey is gone. Keep them where others do not look. They are shown only now.",
    "pt-BR":
      "Cada um destes códigos deixa você entrar uma vez quando o celular ou a chave de acesso se perde. Guarde-os onde outros não olham. Eles só aparecem agora.",
  },
  "security.codes_copied": { en: "Recovery codes copied.", "pt-BR": "Códigos de recuperação copiados." },
  "security.codes_kept": { en: "I have saved these codes", "pt-BR": "Salvei estes códigos" },
  "security.copy_codes": { en: "Copy", "pt-BR": "Copiar" },
  "security.save_codes": { en: "Save as a file", "pt-BR": "Salvar em arquivo" },
  "security.new_codes": { en: "Make new codes", "pt-BR": "Gerar novos códigos" },
  "security.scan": {
    en: "1. Scan this with your authenticator app",
    "pt-BR": "1. Leia isto com o seu aplicativo autenticador",
  },
  "security.scan_text": {
    en: "Or type this key into the app:",
    "pt-BR": "Ou digite esta chave no aplicativo:",
  },
  "security.qr": {
    en: "QR code for an authenticator app",
    "pt-BR": "Código QR para um aplicativo autenticador",
  },
  "security.confirm": {
    en: "2. Type the code that the app shows",
    "pt-BR": "2. Digite o código que o aplicativo mostra",
  },
  "security.code": { en: "Code", "pt-BR": "Código" },
  "security.code_hint": { en: "Six digits.", "pt-BR": "Seis dígitos." },
  "security.confirm_app": { en: "Confirm", "pt-BR": "Confirmar" },
  "error.second_factor.code_invalid": {
    en: "This code is not right. Type the one that is shown now.",
    "pt-BR": "Este código não está certo. Digite o que aparece agora.",
  },

  "role.admin": { en: "Administrator", "pt-BR": "Administração" },
  "role.manager": { en: "Manager", "pt-BR": "Gerência" },
  "role.editor": { en: "Editor", "pt-BR": "Edição" },
  "role.user": { en: "User", "pt-BR": "Uso" },
  "role.viewer": { en: "Viewer", "pt-BR": "Leitura" },
});
