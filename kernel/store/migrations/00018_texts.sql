-- +goose Up
-- What people read of the kernel's own is worded when it is written: title in the language of definitions, texts in
-- the others that the release speaks, by language.
alter table task add column texts jsonb not null default '{}';
alter table notice add column texts jsonb not null default '{}';
