-- Whom nobody is to find again: whoever asks for somebody by name after they were erased must not
-- write that name into the log of reads. See facilities/privacy/erased.py.
--
-- A fingerprint says whether an id is that of somebody who was erased, to who has the pepper, which is
-- wrapped by the master key. It does not say which key or tombstone was theirs, nor when it was.
CREATE TABLE privacy.pepper (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    wrapped  bytea NOT NULL,
    master   text COLLATE "C" NOT NULL
);
CREATE TABLE privacy.erased (
    fingerprint bytea PRIMARY KEY CHECK (length(fingerprint) = 32)
);

COMMENT ON TABLE privacy.pepper IS 'What fingerprints are made with, wrapped by a master key.';
COMMENT ON TABLE privacy.erased IS 'Fingerprints of the ids of persons who were erased.';

-- Both are written by the keys' owner, who carries erasures out.
GRANT SELECT ON privacy.pepper, privacy.erased TO almoner_app;
