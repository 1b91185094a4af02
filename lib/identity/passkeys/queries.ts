import type { Sql } from "../../platform/db/database.ts";
import type { Passkey } from "./schema.ts";

const columns = (sql: Sql) => sql`id, name, is_synced, created_at, last_used_at`;

export function listPasskeys(sql: Sql, userId: string) {
  return sql<Passkey[]>`select ${
    columns(sql)
  } from passkeys where user_id = ${userId} order by created_at, id`;
}

export function findPasskey(sql: Sql, id: string, userId: string) {
  return sql<Passkey[]>`select ${columns(sql)} from passkeys where id = ${id} and user_id = ${userId}`;
}

export interface CredentialRow {
  id: string;
  user_id: string;
  credential_id: string;
  public_key: Uint8Array<ArrayBuffer>;
  counter: number;
  transports: string[];
}

const secrets = (sql: Sql) => sql`id, user_id, credential_id, public_key, counter, transports`;

export function listCredentials(sql: Sql, userId: string) {
  return sql<CredentialRow[]>`select ${secrets(sql)} from passkeys where user_id = ${userId}`;
}

export function findCredential(sql: Sql, credentialId: string) {
  return sql<CredentialRow[]>`select ${secrets(sql)} from passkeys where credential_id = ${credentialId}`;
}

interface NewRow {
  id: string;
  userId: string;
  name: string;
  credentialId: string;
  publicKey: Uint8Array;
  counter: number;
  transports: string[];
  isSynced: boolean;
}

/** The count is 0 when the credential is registered already. */
export function insertPasskey(sql: Sql, row: NewRow) {
  return sql`
    insert into passkeys (id, tenant_id, user_id, name, credential_id, public_key, counter, transports, is_synced)
    select ${row.id}, tenant_id, id, ${row.name}, ${row.credentialId}, ${row.publicKey}, ${row.counter},
           ${row.transports}, ${row.isSynced}
    from users where id = ${row.userId}
    on conflict on constraint passkeys_credential_key do nothing`;
}

export function renamePasskey(sql: Sql, id: string, userId: string, name: string) {
  return sql`update passkeys set name = ${name} where id = ${id} and user_id = ${userId}`;
}

export function deletePasskey(sql: Sql, id: string, userId: string) {
  return sql`delete from passkeys where id = ${id} and user_id = ${userId}`;
}

export function deletePasskeysOf(sql: Sql, userId: string) {
  return sql`delete from passkeys where user_id = ${userId}`;
}

export function touchPasskey(sql: Sql, id: string, counter: number) {
  return sql`update passkeys set counter = ${counter}, last_used_at = now() where id = ${id}`;
}
