-- Roles: requests run as akashi_app under one tenant, system work as akashi_system on the few tables that grant it.
-- Neither owns a table, is a superuser or may bypass row level security; the login that migrates is a member of both.
do $$ begin create role akashi_app nologin; exception when duplicate_object or unique_violation then null; end $$;
do $$ begin create role akashi_system nologin; exception when duplicate_object or unique_violation then null; end $$;
do $$ begin execute format('grant akashi_app, akashi_system to %I', current_user); exception when others then
  if not pg_has_role(current_user, 'akashi_app', 'member') then raise; end if; end $$;

create extension if not exists vector;
create extension if not exists pg_trgm;
create extension if not exists unaccent;

grant usage on schema public to akashi_app, akashi_system;

create function current_tenant() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.tenant_id', true), '')::uuid;

create table tenants (
  id uuid primary key,
  code text not null constraint tenants_code_key unique check (code ~ '^[a-z0-9][a-z0-9_-]{0,49}$'),
  name text not null check (length(name) between 1 and 255),
  type text not null default 'production' check (type in ('broadcaster', 'production', 'agency', 'archive')),
  status text not null default 'active' check (status in ('active', 'suspended')),
  settings jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table users (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  email text not null check (email = lower(email)),
  name text not null check (length(name) between 1 and 255),
  password_hash text,
  role text not null check (role in ('admin', 'manager', 'editor', 'viewer', 'user')),
  is_superuser boolean not null default false,
  is_active boolean not null default true,
  language text check (language in ('pt-BR', 'en')),
  theme text not null default 'dark' check (theme in ('dark', 'light', 'system')),
  last_login_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint users_email_key unique (tenant_id, email)
);
create index users_email_idx on users (email);

-- One sign-in: in a browser (opaque cookie, token_hash) or by the API (JWT access tokens that name it, refresh tokens).
create table sessions (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  user_id uuid not null references users on delete cascade,
  kind text not null check (kind in ('browser', 'api')),
  token_hash text constraint sessions_token_hash_key unique,
  user_agent text,
  address text,
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index sessions_user_idx on sessions (user_id, created_at desc);
create index sessions_expiry_idx on sessions (expires_at);

create table refresh_tokens (
  token_hash text primary key,
  tenant_id uuid not null references tenants,
  session_id uuid not null references sessions on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  spent_at timestamptz,
  successor_hash text
);
create index refresh_tokens_session_idx on refresh_tokens (session_id);

create table assets (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  parent_id uuid references assets on delete set null,
  code text check (length(code) <= 255),
  slug text,
  external_ids jsonb not null default '{}',
  asset_type text not null check (asset_type in ('video', 'audio', 'image', 'document', 'sequence')),
  derivative_type text,
  title text not null check (length(title) between 1 and 500),
  description text,
  -- Milliseconds for clients; the exact length is technical_metadata.frame_count at its rational rate.
  duration_ms bigint check (duration_ms >= 0),
  recorded_at timestamptz,
  content_rating text check (content_rating in ('L', '10', '12', '14', '16', '18')),
  status text not null check (status in ('ingesting', 'processing', 'available', 'review', 'archived', 'deleted', 'failed')),
  status_before_trash text,
  -- Why it failed: a key that the pages translate, and the same in English for the API.
  failure_code text,
  failure_reason text,
  visibility text not null default 'internal' check (visibility in ('private', 'internal', 'public')),
  publish_status text not null default 'draft' check (publish_status in ('draft', 'ready', 'published', 'unpublished')),
  original_filename text,
  content_type text,
  primary_storage_path text,
  file_size_bytes bigint check (file_size_bytes >= 0),
  checksum_sha256 text,
  duplicate_of uuid,
  -- What ingest found and put right: [{"code": "type_corrected", "declared": "image/png", "actual": "video/mp4"}].
  ingest_notes jsonb not null default '[]',
  extra jsonb not null default '{}',
  created_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
);
create unique index assets_code_key on assets (tenant_id, code) where code is not null;
create index assets_newest_idx on assets (tenant_id, created_at desc, id desc) where deleted_at is null;
create index assets_status_idx on assets (tenant_id, status, created_at desc, id desc) where deleted_at is null;
create index assets_type_idx on assets (tenant_id, asset_type, created_at desc, id desc) where deleted_at is null;
create index assets_trash_idx on assets (tenant_id, deleted_at desc) where deleted_at is not null;
create index assets_checksum_idx on assets (tenant_id, checksum_sha256) where checksum_sha256 is not null;
create index assets_parent_idx on assets (parent_id) where parent_id is not null;

-- Where the bytes of an asset lie: its original and every rendition made from it.
create table storage_locations (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  asset_id uuid not null references assets on delete cascade,
  purpose text not null
    check (purpose in ('original', 'proxy', 'thumbnail', 'sprite', 'hls', 'dash', 'waveform', 'preview')),
  storage_type text not null default 's3' check (storage_type in ('s3', 'lto', 'glacier', 'local', 'external_url')),
  storage_tier text not null default 'hot' check (storage_tier in ('hot', 'warm', 'cold', 'archive')),
  bucket text not null,
  path text not null,
  filename text not null,
  content_type text not null,
  file_size_bytes bigint not null check (file_size_bytes >= 0),
  checksum_sha256 text,
  width integer,
  height integer,
  is_primary boolean not null default false,
  -- Made by hand and sent in: comes before what workers make for the same purpose.
  is_manual boolean not null default false,
  is_accessible boolean not null default true,
  status text not null default 'available',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint storage_locations_path_key unique (asset_id, purpose, path)
);
create unique index storage_locations_primary_key on storage_locations (asset_id) where is_primary;

create table technical_metadata (
  asset_id uuid primary key references assets on delete cascade,
  tenant_id uuid not null references tenants,
  width integer,
  height integer,
  rotation integer not null default 0 check (rotation in (0, 90, 180, 270)),
  sample_aspect_ratio text,
  aspect_ratio text,
  resolution_category text,
  frame_rate double precision,
  frame_rate_num integer,
  frame_rate_den integer check (frame_rate_den > 0),
  is_variable_frame_rate boolean not null default false,
  frame_count bigint,
  start_timecode text,
  drop_frame boolean,
  scan_type text,
  video_codec text,
  video_codec_profile text,
  video_bit_rate bigint,
  bit_depth integer,
  pixel_format text,
  color_space text,
  color_primaries text,
  color_transfer text,
  hdr_format text,
  audio_codec text,
  audio_channels integer,
  audio_channel_layout text,
  audio_sample_rate integer,
  audio_bit_rate bigint,
  container_format text,
  bit_rate bigint,
  loudness_integrated double precision,
  loudness_range double precision,
  loudness_peak double precision,
  -- Every stream as probed: [{"index": 1, "type": "audio", "codec": "aac", "channels": 2, "language": "por", …}].
  streams jsonb not null default '[]',
  -- What cameras wrote: make, model, lens, position, exposure.
  camera jsonb not null default '{}',
  analyzed_at timestamptz not null default now()
);

-- The truth about media work. Messages on the broker are hints; a claim here (run_id, lease) decides who works.
create table jobs (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  asset_id uuid references assets on delete cascade,
  job_type text not null,
  status text not null default 'pending'
    check (status in ('pending', 'processing', 'completed', 'failed', 'cancelled')),
  progress integer not null default 0 check (progress between 0 and 100),
  payload jsonb not null default '{}',
  result jsonb,
  waits_for uuid references jobs on delete set null,
  attempts integer not null default 0,
  -- How often its worker fell silent; attempts also count outages.
  losses integer not null default 0,
  max_attempts integer not null default 3,
  run_after timestamptz not null default now(),
  published_at timestamptz,
  run_id uuid,
  lease_expires_at timestamptz,
  worker text,
  started_at timestamptz,
  finished_at timestamptz,
  error_code text,
  error_message text,
  request_id text,
  created_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index jobs_newest_idx on jobs (tenant_id, created_at desc, id desc);
create index jobs_open_idx on jobs (tenant_id, status) where status in ('pending', 'processing', 'failed');
create index jobs_asset_idx on jobs (asset_id);
create index jobs_waits_for_idx on jobs (waits_for) where waits_for is not null;
create index jobs_to_publish_idx on jobs (run_after) where status = 'pending' and waits_for is null;
create index jobs_lease_idx on jobs (lease_expires_at) where status = 'processing';

-- Written before the first byte of an object, deleted in the transaction that makes the row which owns it. What is
-- still here after `expires_at` belongs to nobody: the sweep deletes the object and then the row.
create table pending_objects (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  bucket text not null,
  path text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
create index pending_objects_expiry_idx on pending_objects (expires_at);

-- Resumable uploads (tus 1.0): parts of one multipart object until they are an asset.
create table uploads (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  created_by uuid references users on delete set null,
  asset_id uuid not null,
  filename text not null,
  content_type text,
  options jsonb not null default '{}',
  total_bytes bigint not null check (total_bytes > 0),
  received_bytes bigint not null default 0,
  bucket text not null,
  path text not null,
  -- Null until the store was asked for it.
  multipart_id text,
  parts jsonb not null default '[]',
  -- First bytes of the file, to tell its type; bytes that do not fill a part yet; the saved state of its SHA-256.
  head bytea not null default '',
  tail bytea not null default '',
  hash_state bytea,
  -- Whoever appends; a later request takes it over, and the earlier one finds itself locked out.
  writer_id uuid,
  finished_at timestamptz,
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
create index uploads_expiry_idx on uploads (expires_at);

do $$
declare name text;
begin
  foreach name in array array['users', 'sessions', 'refresh_tokens', 'assets', 'storage_locations', 'technical_metadata',
                              'jobs', 'pending_objects', 'uploads'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I to akashi_app using (tenant_id = (select current_tenant())) '
      'with check (tenant_id = (select current_tenant()))', name);
    execute format('grant select, insert, update, delete on %I to akashi_app', name);
  end loop;
  -- Sign-in, the job relay and the sweeps look across tenants; assets and their files they never see.
  foreach name in array array['users', 'sessions', 'refresh_tokens', 'jobs', 'pending_objects', 'uploads'] loop
    execute format('create policy system on %I to akashi_system using (true) with check (true)', name);
    execute format('grant select, insert, update, delete on %I to akashi_system', name);
  end loop;
end $$;

alter table tenants enable row level security;
alter table tenants force row level security;
create policy tenant on tenants to akashi_app using (id = (select current_tenant()));
create policy system on tenants to akashi_system using (true) with check (true);
grant select on tenants to akashi_app;
grant select, insert, update on tenants to akashi_system;
