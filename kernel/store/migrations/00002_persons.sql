-- +goose Up
-- A change of a record on a card finds the open cases and the awards of its persons.
create index record_open_persons on record using gin (persons) where state is not null and not final;
create index award_persons on award using gin (persons);
