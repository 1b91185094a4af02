import { staticPath } from "../static.ts";

/** The API reference: the OpenAPI document as plain HTML, without scripts and external files. */

interface Operation {
  summary?: string;
  description?: string;
  tags?: string[];
  security?: unknown[];
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema }[];
  requestBody?: { content: Record<string, { schema?: Schema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema?: Schema }> }>;
}

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
  default?: unknown;
  minLength?: number;
  maxLength?: number;
  format?: string;
}

interface Document {
  info: { title: string; version: string; description?: string };
  paths?: object;
  components?: { schemas?: object };
}

interface Entry {
  method: string;
  path: string;
  operation: Operation;
}

/** Renders the whole reference. */
export function renderDocs(document: Document) {
  const groups = Map.groupBy(entriesOf(document), ({ operation }) => operation.tags?.[0] ?? "other");
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{document.info.title} API {document.info.version}</title>
        <link rel="stylesheet" href={staticPath("docs.css")} />
      </head>
      <body class="reference">
        <header>
          <h1>{document.info.title} API</h1>
          <p>
            {document.info.description} Version {document.info.version}.{" "}
            <a href="openapi.json">openapi.json</a>
          </p>
          <nav aria-label="Groups">
            {[...groups.keys()].map((tag) => <a href={`#${tag}`}>{tag}</a>)}
          </nav>
        </header>
        <main>
          {[...groups].map(([tag, entries]) => (
            <section id={tag}>
              <h2>{tag}</h2>
              {entries.map((entry) => <OperationView {...entry} />)}
            </section>
          ))}
          <section id="schemas">
            <h2>schemas</h2>
            {Object.entries((document.components?.schemas ?? {}) as Record<string, Schema>).map((
              [name, schema],
            ) => (
              <article id={`schema-${name}`}>
                <h3>{name}</h3>
                <SchemaView schema={schema} />
              </article>
            ))}
          </section>
        </main>
      </body>
    </html>
  );
}

function entriesOf(document: Document): Entry[] {
  const paths = (document.paths ?? {}) as Record<string, Record<string, Operation>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation }))
  );
}

function OperationView({ method, path, operation }: Entry) {
  return (
    <article>
      <h3>
        <code>{method.toUpperCase()} /api/v1{path}</code>
      </h3>
      <p>
        {operation.summary}
        {operation.security?.length === 0 ? " (no sign-in needed)" : ""}
      </p>
      {operation.parameters && operation.parameters.length > 0 && (
        <table>
          <caption>Parameters</caption>
          <tbody>
            {operation.parameters.map((parameter) => (
              <tr>
                <th scope="row">
                  <code>{parameter.name}</code>
                  {parameter.required ? " *" : ""}
                </th>
                <td>{parameter.in}</td>
                <td>{describe(parameter.schema)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {Object.entries(operation.requestBody?.content ?? {}).map(([type, { schema }]) => (
        <details>
          <summary>Body: {type}</summary>
          <SchemaView schema={schema ?? {}} />
        </details>
      ))}
      <ul>
        {Object.entries(operation.responses).map(([status, response]) => (
          <li>
            <code>{status}</code> {response.description}{" "}
            {Object.values(response.content ?? {}).map(({ schema }) => <TypeView schema={schema} />)}
          </li>
        ))}
      </ul>
    </article>
  );
}

function SchemaView({ schema }: { schema: Schema }) {
  if (!schema.properties) return <TypeView schema={schema} />;
  return (
    <table>
      <tbody>
        {Object.entries(schema.properties).map(([name, property]) => (
          <tr>
            <th scope="row">
              <code>{name}</code>
              {schema.required?.includes(name) ? " *" : ""}
            </th>
            <td>
              <TypeView schema={property} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function TypeView({ schema }: { schema?: Schema }) {
  const name = schema?.$ref?.split("/").at(-1) ?? schema?.items?.$ref?.split("/").at(-1);
  if (name) return <a href={`#schema-${name}`}>{schema?.items ? `${name}[]` : name}</a>;
  return <span>{describe(schema)}</span>;
}

function describe(schema: Schema | undefined): string {
  if (!schema) return "";
  if (schema.enum) return schema.enum.join(" · ");
  if (schema.anyOf) return schema.anyOf.map(describe).join(" or ");
  if (schema.type === "array") return `${describe(schema.items)}[]`;
  const type = [schema.type ?? "any"].flat().join(" or ");
  const length = schema.maxLength ? `, ${schema.minLength ?? 0}–${schema.maxLength} characters` : "";
  const start = schema.default === undefined ? "" : `, default ${JSON.stringify(schema.default)}`;
  return `${schema.format ?? type}${length}${start}`;
}
