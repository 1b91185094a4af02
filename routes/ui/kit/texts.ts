// Texts of the frame around every page: navigation, menus, shortcuts and error pages.
import { defineTexts } from "../kit/define_texts.ts";

export const kitTexts = defineTexts({
  "app.skip": { en: "Skip to content", "pt-BR": "Pular para o conteúdo" },
  "app.menu": { en: "Account", "pt-BR": "Conta" },
  "app.main_navigation": { en: "Main", "pt-BR": "Principal" },
  "app.fold": { en: "Fold sidebar", "pt-BR": "Recolher a barra" },
  "app.close": { en: "Close", "pt-BR": "Fechar" },
  "app.read_only": {
    en: "Your organisation is read-only here: look, play and download; nothing can be changed.",
    "pt-BR": "Sua organização está em modo somente leitura: veja, reproduza e baixe; nada pode ser alterado.",
  },
  "app.dismiss": { en: "Dismiss", "pt-BR": "Dispensar" },
  "app.search": { en: "Search", "pt-BR": "Buscar" },
  "app.search_hint": { en: "Search by title", "pt-BR": "Buscar pelo título" },
  "app.upload": { en: "Upload", "pt-BR": "Enviar" },
  "app.activity": {
    en: "Activity: jobs running and failed",
    "pt-BR": "Atividade: tarefas em andamento e com falha",
  },
  "app.activity_idle": { en: "No jobs running", "pt-BR": "Nenhuma tarefa em andamento" },
  "app.running": { en: "running", "pt-BR": "em andamento" },
  "app.failed": { en: "failed", "pt-BR": "com falha" },
  "app.notices": { en: "Notices", "pt-BR": "Avisos" },
  "app.undo": { en: "Undo", "pt-BR": "Desfazer" },
  "app.cancel": { en: "Cancel", "pt-BR": "Cancelar" },
  "app.save": { en: "Save", "pt-BR": "Salvar" },
  "app.retry": { en: "Retry", "pt-BR": "Tentar de novo" },
  "app.offline": {
    en: "Connection lost. What you see may be out of date; it refreshes by itself.",
    "pt-BR": "Conexão perdida. O que você vê pode estar desatualizado; será atualizado sozinho.",
  },
  "app.unreachable": {
    en: "The server could not be reached. Nothing was changed. Try again in a moment.",
    "pt-BR": "Não foi possível falar com o servidor. Nada mudou. Tente de novo em instantes.",
  },

  "nav.library": { en: "Library", "pt-BR": "Acervo" },
  "nav.jobs": { en: "Jobs", "pt-BR": "Tarefas" },
  "nav.admin": { en: "Admin", "pt-BR": "Administração" },
  "nav.settings": { en: "Settings", "pt-BR": "Ajustes" },

  "menu.language": { en: "Language", "pt-BR": "Idioma" },
  "menu.theme": { en: "Theme", "pt-BR": "Tema" },
  "menu.shortcuts": { en: "Keyboard shortcuts", "pt-BR": "Atalhos de teclado" },
  "menu.sign_out": { en: "Sign out", "pt-BR": "Sair" },

  "theme.dark": { en: "Dark", "pt-BR": "Escuro" },
  "theme.light": { en: "Light", "pt-BR": "Claro" },
  "theme.system": { en: "System", "pt-BR": "Sistema" },

  "language.en": { en: "English", "pt-BR": "English" },
  "language.pt-BR": { en: "Português", "pt-BR": "Português" },

  "keys.title": { en: "Keyboard shortcuts", "pt-BR": "Atalhos de teclado" },
  "keys.everywhere": { en: "Everywhere", "pt-BR": "Em toda parte" },
  "keys.library": { en: "Library", "pt-BR": "Acervo" },
  "keys.player": { en: "Player", "pt-BR": "Player" },
  "keys.help": { en: "Show this list", "pt-BR": "Mostrar esta lista" },
  "keys.search": { en: "Search", "pt-BR": "Buscar" },
  "keys.go_library": { en: "Go to the library", "pt-BR": "Ir para o acervo" },
  "keys.go_jobs": { en: "Go to jobs", "pt-BR": "Ir para as tarefas" },
  "keys.upload": { en: "Upload files", "pt-BR": "Enviar arquivos" },
  "keys.move": { en: "Move between assets", "pt-BR": "Andar entre os ativos" },
  "keys.open": { en: "Open the asset", "pt-BR": "Abrir o ativo" },
  "keys.undo": { en: "Undo the last change", "pt-BR": "Desfazer a última alteração" },
  "keys.trash": { en: "Move to trash", "pt-BR": "Mover para a lixeira" },
  "keys.play": { en: "Play or pause", "pt-BR": "Reproduzir ou pausar" },
  "keys.shuttle": {
    en: "Backwards, stop, forwards; again for faster",
    "pt-BR": "Para trás, parar, para a frente; de novo para acelerar",
  },
  "keys.frame": { en: "One frame back or forward", "pt-BR": "Um quadro para trás ou para a frente" },
  "keys.second": { en: "One second back or forward", "pt-BR": "Um segundo para trás ou para a frente" },
  "keys.ends": { en: "To the start or the end", "pt-BR": "Para o início ou o fim" },
  "keys.loop": { en: "Loop", "pt-BR": "Repetir" },
  "keys.mute": { en: "Mute", "pt-BR": "Tirar o som" },
  "keys.full": { en: "Full screen", "pt-BR": "Tela cheia" },
  "keys.image": { en: "Image", "pt-BR": "Imagem" },
  "keys.zoom": { en: "Zoom in and out", "pt-BR": "Ampliar e reduzir" },
  "keys.fit": { en: "Fit to the window", "pt-BR": "Ajustar à janela" },
  "keys.actual": { en: "Actual pixels", "pt-BR": "Pixels reais" },
  "keys.pan": { en: "Move a zoomed image", "pt-BR": "Mover a imagem ampliada" },
  "keys.asset": { en: "Asset", "pt-BR": "Ativo" },
  "keys.beside": { en: "Previous and next asset", "pt-BR": "Ativo anterior e próximo" },
  "keys.download": { en: "Download the original", "pt-BR": "Baixar o original" },
  "keys.info": { en: "Details", "pt-BR": "Detalhes" },
  "keys.copy": { en: "Copy link at this time", "pt-BR": "Copiar link neste ponto" },

  "admin.title": { en: "Administration", "pt-BR": "Administração" },
  "admin.sections": { en: "Parts of the administration", "pt-BR": "Partes da administração" },
  "admin.people": { en: "People", "pt-BR": "Pessoas" },
  "admin.groups": { en: "Groups", "pt-BR": "Grupos" },
  "admin.providers": { en: "Single sign-on", "pt-BR": "Login único" },
  "admin.tenants": { en: "Tenants", "pt-BR": "Organizações" },
  "admin.usage": { en: "Usage", "pt-BR": "Uso" },
  "admin.audit": { en: "Audit", "pt-BR": "Auditoria" },

  "fault.request": { en: "Request", "pt-BR": "Requisição" },
  "fault.home": { en: "Go to the library", "pt-BR": "Ir para o acervo" },
  "fault.sign_in": { en: "Go to sign-in", "pt-BR": "Ir para a entrada" },
  "fault.bad_request": {
    en: "This request was not understood",
    "pt-BR": "Esta requisição não foi entendida",
  },
  "fault.bad_request_text": {
    en: "Nothing was changed. Go back and try it another way.",
    "pt-BR": "Nada mudou. Volte e tente de outro jeito.",
  },
  "fault.invalid": {
    en: "This address asks for something that does not exist",
    "pt-BR": "Este endereço pede algo que não existe",
  },
  "fault.invalid_text": {
    en: "A filter or a number in the address does not fit. Nothing was changed.",
    "pt-BR": "Um filtro ou número no endereço não serve. Nada mudou.",
  },
  "fault.not_found": { en: "There is nothing here", "pt-BR": "Não há nada aqui" },
  "fault.not_found_text": {
    en: "The address may be mistyped, or what was here has been removed. Nothing else is affected.",
    "pt-BR": "O endereço pode estar errado, ou o que havia aqui foi removido. Nada mais foi afetado.",
  },
  "fault.forbidden": { en: "You may not do this", "pt-BR": "Você não pode fazer isto" },
  "fault.forbidden_text": {
    en: "Your role does not include it. Nothing was changed. Ask an administrator for the right.",
    "pt-BR": "Seu papel não inclui esta ação. Nada mudou. Peça a permissão à administração.",
  },
  "fault.read_only": {
    en: "Your organisation is read-only",
    "pt-BR": "Sua organização está em modo somente leitura",
  },
  "fault.read_only_text": {
    en:
      "Nothing was changed. What it has may be seen and downloaded. Ask the administrator of this installation.",
    "pt-BR": "Nada mudou. O que ela tem pode ser visto e baixado. Fale com quem administra esta instalação.",
  },
  "fault.timed_out": { en: "This took too long to arrive", "pt-BR": "Isto demorou demais para chegar" },
  "fault.timed_out_text": {
    en: "The connection was too slow or broke off. Nothing was kept; send it again.",
    "pt-BR": "A conexão foi lenta demais ou caiu. Nada foi guardado; envie de novo.",
  },
  "fault.conflict": { en: "This is not possible right now", "pt-BR": "Isto não é possível agora" },
  "fault.conflict_text": {
    en: "Somebody or something else changed it meanwhile. Reload the page to see how it stands.",
    "pt-BR": "Alguém ou algo mudou isto enquanto isso. Recarregue a página para ver como está.",
  },
  "fault.precondition_failed": {
    en: "Something else changed this before you",
    "pt-BR": "Outra mudança chegou antes da sua",
  },
  "fault.precondition_failed_text": {
    en: "Nothing of yours was saved. Reload the page to see how it stands.",
    "pt-BR": "Nada do que você fez foi salvo. Recarregue a página para ver como está.",
  },
  "fault.locked": { en: "This is locked right now", "pt-BR": "Isto está bloqueado agora" },
  "fault.locked_text": {
    en: "Nothing was changed. Try again when the lock is released.",
    "pt-BR": "Nada mudou. Tente de novo quando o bloqueio terminar.",
  },
  "fault.rate_limited": { en: "Too many requests", "pt-BR": "Requisições demais" },
  "fault.rate_limited_text": {
    en: "Nothing is lost. Wait a moment, then try again.",
    "pt-BR": "Nada se perdeu. Espere um momento e tente de novo.",
  },
  "fault.rate_limited_for": {
    en: "Nothing is lost. Try again in {seconds} s.",
    "pt-BR": "Nada se perdeu. Tente de novo em {seconds} s.",
  },
  "fault.too_large": { en: "This is too large", "pt-BR": "Isto é grande demais" },
  "fault.too_large_text": {
    en: "Nothing was changed. Send less at once.",
    "pt-BR": "Nada mudou. Envie menos de uma vez.",
  },
  "fault.unsupported": {
    en: "This kind of content is not accepted here",
    "pt-BR": "Este tipo de conteúdo não é aceito aqui",
  },
  "fault.unsupported_text": { en: "Nothing was changed.", "pt-BR": "Nada mudou." },
  "fault.unauthenticated": { en: "You are signed out", "pt-BR": "Sua sessão terminou" },
  "fault.unauthenticated_text": {
    en: "Sign in again to go on. Nothing was changed.",
    "pt-BR": "Entre de novo para continuar. Nada mudou.",
  },
  "fault.unavailable": {
    en: "Akashi cannot answer right now",
    "pt-BR": "O Akashi não consegue responder agora",
  },
  "fault.unavailable_text": {
    en: "A part it needs is away for a moment. Your files are safe. Try again shortly.",
    "pt-BR":
      "Uma parte necessária está fora por um momento. Seus arquivos estão seguros. Tente de novo em breve.",
  },
  "fault.storage_full": { en: "The storage is full", "pt-BR": "O armazenamento está cheio" },
  "fault.storage_full_text": {
    en: "Nothing was changed. Tell your administrator.",
    "pt-BR": "Nada mudou. Avise quem administra.",
  },
  "fault.internal": { en: "Something went wrong on our side", "pt-BR": "Algo deu errado do nosso lado" },
  "fault.internal_text": {
    en: "Your files are safe. Try again; if it happens again, tell an administrator this request number.",
    "pt-BR":
      "Seus arquivos estão seguros. Tente de novo; se repetir, informe à administração este número de requisição.",
  },
});
