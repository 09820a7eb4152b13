-- Whose product the check was about, as the catalogue said when it was offered: a catalogue without the
-- product must not let it be paid while its provider is switched off. '' in checks made before this.
ALTER TABLE account_check ADD COLUMN provider TEXT NOT NULL DEFAULT '';
