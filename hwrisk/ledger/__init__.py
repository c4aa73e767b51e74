"""Management ledger (管理台账): generation, storage, removal, own treatment, entrusted treatment."""
