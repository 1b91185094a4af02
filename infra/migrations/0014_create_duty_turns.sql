-- When each duty of the schedule was last begun: of many processes, one takes the turn.
create table duty_turns (
  name text primary key,
  taken_at timestamptz not null
);
grant select, insert, update on duty_turns to akashi_system;
