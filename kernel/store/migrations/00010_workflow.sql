-- +goose Up
-- The records from which a request is made besides the one that it is about: their ids by the names of its sources.
alter table request add column given jsonb not null default '{}';
