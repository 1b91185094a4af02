// Texts of the jobs page and of the reasons for which a job fails.
import { defineTexts } from "../kit/define_texts.ts";

export const workTexts = defineTexts({
  "failure.unreadable": {
    en:
      "The file could not be read as video, audio or image. It may be damaged. Export it again from the source.",
    "pt-BR":
      "Não foi possível ler o arquivo como vídeo, áudio ou imagem. Ele pode estar danificado. Exporte-o de novo a partir da fonte.",
  },
  "failure.truncated": {
    en: "The file ends too early. The copy or the export was probably cut short. Bring in a complete copy.",
    "pt-BR":
      "O arquivo termina antes da hora. A cópia ou a exportação provavelmente foi interrompida. Traga uma cópia completa.",
  },
  "failure.no_streams": {
    en: "The file holds neither picture nor sound. Check the export settings.",
    "pt-BR": "O arquivo não tem imagem nem som. Confira os ajustes da exportação.",
  },
  "failure.too_long": {
    en: "The medium is longer than this installation processes. Split it and bring in the parts.",
    "pt-BR": "A mídia é mais longa do que esta instalação processa. Divida-a e traga as partes.",
  },
  "failure.mostly_gaps": {
    en:
      "The file claims a long time and holds next to no sound in it. Cut out the gaps and bring it in again.",
    "pt-BR": "O arquivo declara um tempo longo em que quase não há som. Corte as lacunas e traga-o de novo.",
  },
  "failure.timed_out": {
    en: "The work took too long and was stopped. Try again when the machine is less busy.",
    "pt-BR":
      "O trabalho demorou demais e foi interrompido. Tente de novo quando a máquina estiver menos ocupada.",
  },
  "failure.too_large_picture": {
    en: "The picture is larger than this installation processes. Bring in a smaller version.",
    "pt-BR": "A imagem é maior do que esta instalação processa. Traga uma versão menor.",
  },
  "failure.worker_lost": {
    en: "The worker that did this was lost several times. Try again; the file may be too much for it.",
    "pt-BR":
      "O processo que fazia isto se perdeu várias vezes. Tente de novo; o arquivo talvez seja demais para ele.",
  },
  "failure.unavailable": {
    en: "A part that the work needs was away for too long. Try again.",
    "pt-BR": "Uma parte necessária ficou fora por tempo demais. Tente de novo.",
  },
  "failure.prerequisite_failed": {
    en: "Not started: a step before it did not succeed.",
    "pt-BR": "Não começou: uma etapa anterior não deu certo.",
  },
  "failure.internal": {
    en: "Something went wrong on our side. Try again.",
    "pt-BR": "Algo deu errado do nosso lado. Tente de novo.",
  },
  "failure.other": {
    en: "The work did not succeed. Try again; if it fails again, ask your administrator.",
    "pt-BR": "O trabalho não deu certo. Tente de novo; se falhar outra vez, fale com a administração.",
  },

  "jobs.title": { en: "Jobs", "pt-BR": "Tarefas" },
  "jobs.all": { en: "All", "pt-BR": "Todas" },
  "jobs.kind": { en: "Kind", "pt-BR": "Tipo" },
  "jobs.all_kinds": { en: "Every kind", "pt-BR": "Todos os tipos" },
  "jobs.asset": { en: "Asset", "pt-BR": "Ativo" },
  "jobs.steps": { en: "Steps", "pt-BR": "Etapas" },
  "jobs.unstarted": { en: "Not started", "pt-BR": "Não começou" },
  "jobs.in_trash": { en: "in the trash", "pt-BR": "na lixeira" },
  "jobs.state": { en: "State", "pt-BR": "Situação" },
  "jobs.progress": { en: "Progress", "pt-BR": "Andamento" },
  "jobs.attempts": { en: "Attempt", "pt-BR": "Tentativa" },
  "jobs.attempt_of": { en: "{attempt} of {most}", "pt-BR": "{attempt} de {most}" },
  "jobs.created": { en: "Started", "pt-BR": "Início" },
  "jobs.actions": { en: "Actions", "pt-BR": "Ações" },
  "jobs.retry": { en: "Retry", "pt-BR": "Tentar de novo" },
  "jobs.cancel": { en: "Cancel", "pt-BR": "Cancelar" },
  "jobs.no_asset": { en: "no asset", "pt-BR": "sem ativo" },
  "jobs.empty_title": { en: "No jobs here", "pt-BR": "Nenhuma tarefa aqui" },
  "jobs.empty_text": {
    en: "When files are brought in, the work on them is listed here while it runs.",
    "pt-BR": "Quando arquivos chegam, o trabalho sobre eles é listado aqui enquanto acontece.",
  },
  "jobs.empty_library": { en: "Go to the library", "pt-BR": "Ir para o acervo" },
  "jobs.more": { en: "Older jobs", "pt-BR": "Tarefas mais antigas" },
  "jobs.list": { en: "List of jobs", "pt-BR": "Lista de tarefas" },
  "jobs.retried": { en: "The job starts again.", "pt-BR": "A tarefa recomeça." },
  "jobs.cancelled": { en: "The job is cancelled.", "pt-BR": "A tarefa foi cancelada." },
  "jobs.all_cancelled": {
    en: "The work on this file is cancelled.",
    "pt-BR": "O trabalho neste arquivo foi cancelado.",
  },
  "jobs.for_asset_none": {
    en: "No work has been done on this asset.",
    "pt-BR": "Nenhum trabalho foi feito neste ativo.",
  },

  "job.metadata": { en: "Analysis", "pt-BR": "Análise" },
  "job.thumbnail": { en: "Poster", "pt-BR": "Pôster" },
  "job.proxy": { en: "Proxy", "pt-BR": "Proxy" },
  "job.rendition": { en: "Check of an uploaded file", "pt-BR": "Verificação de arquivo enviado" },

  "job_status.pending": { en: "Waiting", "pt-BR": "Aguardando" },
  "job_status.processing": { en: "Running", "pt-BR": "Em andamento" },
  "job_status.completed": { en: "Done", "pt-BR": "Concluída" },
  "job_status.failed": { en: "Failed", "pt-BR": "Falhou" },
  "job_status.cancelled": { en: "Cancelled", "pt-BR": "Cancelada" },
});
