// What the API answers, by method and path, for tests that read it. A path that is not named here is `any`.
import assert from "node:assert/strict";
import type { ApiKey } from "../../lib/identity/api_keys/schema.ts";
import type { Group, GroupDetail } from "../../lib/identity/groups/schema.ts";
import type { Invitation } from "../../lib/identity/invitations/schema.ts";
import type { Provider } from "../../lib/identity/providers/schema.ts";
import type { AssetDetail, AssetSummary } from "../../lib/library/assets/schema.ts";
import type { AuditEntry } from "../../lib/audit/schema.ts";
import type { Job } from "../../lib/work/jobs/schema.ts";

/** RFC 9457, as every refused request is answered. */
export interface Problem {
  title: string;
  status: number;
  detail: string;
  code: string;
  reason?: string;
  errors: { path: string; message: string; code?: string }[];
  duplicate_of?: string;
}

/** Expects that a request was refused with this status; answers why. */
export async function refused(response: Response, status: number): Promise<Problem> {
  assert.equal(response.status, status, await response.clone().text());
  return await response.json();
}

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

interface NumberedPage<T> extends Page<T> {
  total: number;
  total_is_estimate: boolean;
  page: number;
  page_size: number;
  pages: number;
}

type Query = "" | `?${string}`;

/** The parsed body of an answer with `Status`. */
export type Answer<Method, Path, Status> = number extends Status ? any
  : Status extends 200 | 201 | 202 ? Accepted<Method, Path>
  : Status extends 204 ? undefined
  : Problem;

type Accepted<Method, Path> = Method extends "GET" ? Read<Path>
  : Path extends `/api/v1/groups/${string}/members/${string}` ? GroupDetail
  : Method extends "POST" | "PATCH" ? Written<Path>
  : any;

type Read<Path> = Path extends `/api/v1/assets/${string}/${string}` ? any
  : Path extends `/api/v1/assets/${string}` ? AssetDetail
  : Path extends `/api/v1/assets${Query}` ? NumberedPage<AssetSummary>
  : Path extends `/api/v1/jobs/${string}` ? Job
  : Path extends `/api/v1/jobs${Query}` ? Job[]
  : Path extends `/api/v1/audit${Query}` ? Page<AuditEntry>
  : Path extends `/api/v1/auth/invitations` ? Invitation[]
  : Path extends `/api/v1/groups/${string}` ? GroupDetail
  : Path extends `/api/v1/groups${Query}` ? Group[]
  : Path extends `/api/v1/providers/${string}` ? Provider
  : Path extends "/api/v1/providers" ? Provider[]
  : any;

/** A noun that a request created or changed. */
type Written<Path> = Path extends "/api/v1/api-keys" ? ApiKey & { key: string }
  : Path extends `/api/v1/groups${string}` ? GroupDetail
  : Path extends `/api/v1/providers${string}` ? Provider
  : any;
