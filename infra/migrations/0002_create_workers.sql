-- Worker processes that gave a sign of life lately, so that health can tell that nobody works. No tenant's data.
create table workers (
  id uuid primary key,
  name text not null,
  kinds text[] not null,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now()
);
grant select, insert, update, delete on workers to akashi_system;
