// MIME types of outputs of ours.

export const CARD = "application/vnd.labkernel.card+json";
export const WIDGET = "application/vnd.jupyter.widget-view+json";
export const NOT_RUN = "application/vnd.labkernel.not-run+json";
