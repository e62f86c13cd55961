"""What was sent back or freed before gets the link that says so; from here on each way back writes its own."""

from alembic import op

revision = "0016"
down_revision = "0015"

STATEMENT = r"""
DO $$
DECLARE
    one RECORD; last_number BIGINT; last_head BYTEA; salt BYTEA; digest BYTEA;
BEGIN
    SELECT number, head INTO last_number, last_head FROM chain_link ORDER BY number DESC LIMIT 1;
    FOR one IN
        SELECT reference FROM (
            SELECT d.subject || '/' || d.campaign || '/' || d.title AS reference
              FROM dossier d JOIN dossier_step s ON s.dossier = d.id
             WHERE s.came_from IN ('voted', 'to_authority', 'sent_up') AND s.state IN ('appraisal', 'supplement')
               AND NOT EXISTS (SELECT FROM dossier_step l WHERE l.dossier = d.id AND l.number > s.number
                                  AND l.state IN ('voted', 'decided'))
            UNION
            SELECT a.subject || '/' || d.campaign || '/' || a.code
              FROM decision d JOIN decision_award a ON a.decision = d.id
             WHERE (d.cancelled OR a.cancelled_by IS NOT NULL) AND d.campaign IS NOT NULL
               AND NOT EXISTS (SELECT FROM dossier c JOIN dossier_step s ON s.dossier = c.id
                                WHERE (c.campaign, c.subject, c.title) = (d.campaign, a.subject, a.code)
                                  AND s.state IN ('voted', 'decided'))
        ) AS freed
         WHERE EXISTS (SELECT FROM chain_link l WHERE l.kind = 'judged' AND l.reference = freed.reference)
           AND NOT EXISTS (SELECT FROM decision o JOIN decision_award b ON b.decision = o.id
                            WHERE NOT o.cancelled AND b.cancelled_by IS NULL
                              AND b.subject || '/' || o.campaign || '/' || b.code = freed.reference)
         ORDER BY reference
    LOOP
        last_number := last_number + 1;
        salt := uuid_send(gen_random_uuid());
        digest := sha256(salt || convert_to('{}', 'UTF8'));
        last_head := sha256(last_head
            || convert_to(last_number || E'\nreopened\n' || one.reference || E'\n', 'UTF8') || digest);
        INSERT INTO chain_link (number, kind, reference, salt, digest, head)
        VALUES (last_number, 'reopened', one.reference, salt, digest, last_head);
    END LOOP;
END
$$
"""


def upgrade() -> None:
    op.execute(STATEMENT)
