-- +goose Up
-- By which rule an entry was hashed (kernel/store/journal.go). Entries that are there were hashed by the first; by the
-- second PostgreSQL makes the hash, so that nobody waits for the end of a chain while a server is thinking.
alter table journal add column rule int not null default 1;
