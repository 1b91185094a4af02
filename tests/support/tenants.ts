// A tenant for one test case, so that its lists and its audit trail hold nothing of other cases.
import type { Client, Person, TestServer } from "./server.ts";

export interface TestTenant {
  code: string;
  /** Its first account, an administrator. */
  person: Person;
  /** A client of `person`. */
  admin: Client;
  /** Creates another account in this tenant. */
  addPerson(role: string): Promise<Person>;
}

/** Creates a tenant with an administrator. */
export async function openTenant(server: TestServer): Promise<TestTenant> {
  const code = `t-${crypto.randomUUID()}`;
  const person = await server.addPerson({ tenant: code });
  return {
    code,
    person,
    admin: await server.client(person),
    addPerson: (role) => server.addPerson({ role, tenant: code }),
  };
}
