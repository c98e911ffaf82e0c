-- Who is shown together stands in the log of reads once, and each read of them refers to it. The same
-- pages of lists are looked at again and again, and a read of a hundred persons took five kilobytes,
-- most of them in the index that finds the reads of a person. See facilities/privacy/reads.py.
--
-- What is there stays as it is: a read has its persons itself, or refers to who was shown together.
CREATE TABLE audit.shown_together (
    group_id uuid   PRIMARY KEY,
    persons  uuid[] NOT NULL
);
CREATE INDEX shown_together_persons ON audit.shown_together USING gin (persons);

-- No foreign key: each read would lock the row it refers to. Both are written in one transaction and
-- nothing is ever removed; were it so all the same, the digest of the reads would tell.
ALTER TABLE audit.reads ADD COLUMN group_id uuid;
CREATE INDEX reads_group ON audit.reads (group_id, number) WHERE group_id IS NOT NULL;

COMMENT ON TABLE audit.shown_together IS 'Whose data was told together. Only ever added to.';
COMMENT ON COLUMN audit.shown_together.group_id IS 'Made of the persons: the same are there once.';
COMMENT ON COLUMN audit.shown_together.persons IS 'By the numbers of their keys.';
COMMENT ON COLUMN audit.reads.group_id IS 'Whose data was told, where they are more than a few.';

CREATE TRIGGER shown_together_are_immutable
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.shown_together
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
GRANT SELECT, INSERT ON audit.shown_together TO almoner_app;
