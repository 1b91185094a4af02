alter table technical_metadata add column notes jsonb not null default '[]';
