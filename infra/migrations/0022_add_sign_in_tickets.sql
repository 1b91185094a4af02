-- A sign-in at a provider is finished once.
alter table challenges
  drop constraint challenges_purpose_check,
  add constraint challenges_purpose_check
  check (purpose in ('second_step', 'passkey_registration', 'passkey_sign_in', 'provider_sign_in')) not valid;
