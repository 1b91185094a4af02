-- Its addresses count without the claim email_verified, which some providers never send.
alter table providers add column trusts_emails boolean not null default false;
