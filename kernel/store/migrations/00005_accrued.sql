-- +goose Up
-- The day until which an award was last accrued: what is due by it and was not owed then is made good by a recalculation.
alter table award add column accrued date;
