// A real OpenID provider in a process of its own: `deno run … <port> <clients as JSON>`. Its login
// accepts any name; `PUT /people/<name>` sets the claims of that person.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const [port, clients] = Deno.args;
const people = new Map<string, Record<string, unknown>>();

const provider = new Provider(`http://localhost:${port}`, {
  clients: JSON.parse(clients!),
  cookies: { keys: [crypto.randomUUID()] },
  pkce: { required: () => true },
  scopes: ["openid", "email", "profile", "groups"],
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    profile: ["name"],
    groups: ["groups"],
  },
  findAccount: (_context: unknown, sub: string) => ({
    accountId: sub,
    claims: () => Promise.resolve({ sub, ...people.get(sub) }),
  }),
} as any);
const answer = provider.callback();

createServer(async (request, response) => {
  const name = /^\/people\/(.+)$/.exec(request.url ?? "")?.[1];
  if (!name) return void answer(request, response);
  let text = "";
  for await (const chunk of request) text += chunk;
  people.set(name, JSON.parse(text));
  response.end("ok");
}).listen(Number(port), "127.0.0.1", () => console.log("listening"));
