-- +goose Up
-- Word is left for a party of a case, or for somebody of the staff.
alter table notice alter party drop not null;
alter table notice add column staff text;
create index notice_staff on notice (staff) where staff is not null;
