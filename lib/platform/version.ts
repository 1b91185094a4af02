/** The version that health, metrics and the OpenAPI document tell. */
export const VERSION = "0.1.0";
