-- +goose Up
-- How often an office was written: servers keep in memory which office serves what.
insert into revision values ('office', 0);
