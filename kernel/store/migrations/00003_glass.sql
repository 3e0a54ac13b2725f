-- +goose Up
-- Who has broken the glass reads one record for a while, with the reason that he gave.
alter table actor add column glass text;
alter table actor add column opened uuid;
alter table actor add column opened_until timestamptz;
