-- Bytes that fill no part yet lie in the object store, beside the parts. The tail goes on from `received_bytes` as it was
-- when it was written: a server of the version before, which knows of no such thing, goes on from there and sends the
-- client there, and what it appends makes the tail count for nothing.
alter table uploads
  add column tail_path text,
  add column tail_bytes bigint not null default 0,
  add column tail_from bigint;
