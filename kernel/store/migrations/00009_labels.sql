-- +goose Up
-- What a row was made of: labels are the labelled properties that were read for it, as Type.label, sources the records
-- of those types that were in hand. Who may not see the labelled values of each of these records does not see what was
-- made of them (select_derived.go).
alter table decision add column labels text[] not null default '{}', add column sources uuid[] not null default '{}';
alter table request add column labels text[] not null default '{}', add column sources uuid[] not null default '{}';
alter table print add column labels text[] not null default '{}', add column sources uuid[] not null default '{}';
alter table accrual add column labels text[] not null default '{}', add column sources uuid[] not null default '{}';

-- Reads have a chain of their own, so that whoever reads never waits for whoever writes.
insert into journal_head values (16, 0, '\x00');

-- The journal and the ledger are only added to. Nothing rests on these guards: a chain and the sums show what was done
-- behind them (mera verify). They make a slip of a program, or of a hand at the console, an error instead of a loss.
-- +goose StatementBegin
create function append_only() returns trigger language plpgsql as $$
begin
  raise exception '% is only added to', tg_table_name using errcode = 'insufficient_privilege';
end $$;
-- +goose StatementEnd
create trigger append_only before update or delete or truncate on journal for each statement execute function append_only();
create trigger append_only before update or delete or truncate on checkpoint for each statement execute function append_only();
create trigger append_only before update or delete or truncate on entry for each statement execute function append_only();
create trigger append_only before update or delete or truncate on posting for each statement execute function append_only();
create trigger append_only before update or delete or truncate on accrual for each statement execute function append_only();
