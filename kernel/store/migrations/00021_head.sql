-- +goose Up
-- The ends of the chains are the rows that change most: each write changes one. With room left on its page a row is
-- changed in place of its dead versions and no index is touched; without it the table grows by what vacuum has not yet
-- seen. counter is alike.
alter table journal_head set (fillfactor = 10);
with old as (delete from journal_head returning *) insert into journal_head select * from old;
alter table counter set (fillfactor = 50);
