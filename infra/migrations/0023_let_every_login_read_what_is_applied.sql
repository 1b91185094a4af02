-- Servers and workers log in with no right of their own, and refuse to start while a migration is pending.
grant select on schema_migrations to public;
