"""Who may do what on PostgreSQL: the SQL that makes the databases and roles of a province, for whoever runs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

HEAD: Final = """\
-- Databases and roles of thidua in province {province}: run with psql, as a role that may create both.
-- Roles come without a password: set each with \\password, or let them in by certificate.
create role {reader} login;
"""
# Whoever may connect to a new database is everybody, until that is taken back. A role that owns nothing makes nothing;
# what the owner makes in later migrations is granted as it is made.
DATABASE: Final = """
-- {service}
create role {owner} login;
create role {name} login;
create database {name} owner {owner};
revoke all on database {name} from public;
grant connect, temporary on database {name} to {name};
grant connect on database {name} to {reader};
\\connect {name}
set role {owner};
create schema if not exists thidua;
reset role;
revoke create on schema public from public;
grant create on schema public to {owner};
grant usage on schema public, thidua to {name}, {reader};
alter default privileges for role {owner} grant select, insert, update, delete on tables to {name};
alter default privileges for role {owner} grant usage, select, update on sequences to {name};
alter default privileges for role {owner} grant select on tables to {reader};
alter default privileges for role {owner} grant select on sequences to {reader};
"""
# Comments, so that the whole output still goes to psql as it is.
TAIL: Final = """
-- Afterwards, for `thidua run` and `thidua doctor`, and for `thidua migrate`:
--   THIDUA_DATABASE_URL='postgresql://{base}:PASSWORD@HOST/{base}'
--   THIDUA_MIGRATION_DATABASE_URL='postgresql://{base}_owner:PASSWORD@HOST/{base}'
-- Leave {{service}} as it stands: thidua puts the name of the service there.
"""


def database_of(province: str, service: str) -> str:
    """Return the database of a service, which is its run-time role as well: `thidua_ha_noi_monitoring`."""
    return f"thidua_{province.replace('-', '_')}_{service}"


def roles_sql(province: str, services: Sequence[str]) -> str:
    """Return the SQL for psql: per service a database, its owner for migrations and its run-time role.

    The reader of the province may connect to all of them and change nothing, for reports and `thidua verify`.
    """
    reader = database_of(province, "reader")
    parts = [HEAD.format(province=province, reader=reader)]
    for service in services:
        name = database_of(province, service)
        parts.append(DATABASE.format(service=service, name=name, owner=f"{name}_owner", reader=reader))
    base = database_of(province, "{service}")
    return "".join([*parts, TAIL.format(base=base)])
