"""Settings: unknown names are refused, secrets may come from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from thidua_runtime.errors import SettingRefused, UnknownSetting
from thidua_runtime.settings import Settings, read_settings


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UnknownSetting, match=r"THIDUA_KAFKA_SERVER, which is no setting.+THIDUA_KAFKA_SERVERS"):
        read_settings({"THIDUA_KAFKA_SERVER": "a:1"})


def test_variables_of_other_programs_are_left_alone() -> None:
    assert read_settings({"PATH": "/bin", "KAFKA_SERVERS": "a:1"}).kafka_servers == ""


@pytest.mark.parametrize("province", ["", "Hà Giang", "1st", "x", "a" * 40, "ha.giang"])
def test_a_province_that_cannot_be_part_of_a_topic_is_refused(province: str) -> None:
    with pytest.raises(SettingRefused, match="THIDUA_PROVINCE was refused"):
        read_settings({"THIDUA_PROVINCE": province})


def test_a_secret_may_be_given_as_a_file_and_is_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("  bí mật\n", encoding="utf-8")
    settings = read_settings({"THIDUA_KAFKA_PASSWORD_FILE": str(file)})
    assert settings.kafka_password is not None
    assert settings.kafka_password.get_secret_value() == "bí mật"
    assert "bí mật" not in repr(settings)


def test_only_secrets_may_be_given_as_files(tmp_path: Path) -> None:
    with pytest.raises(UnknownSetting):
        read_settings({"THIDUA_PROVINCE_FILE": str(tmp_path / "province")})


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_one_database_address_serves_every_service_by_its_name() -> None:
    settings = read_settings({"THIDUA_DATABASE_URL": "postgresql://u@h/thidua_{service}"})
    assert settings.url_of("awards") == "postgresql+asyncpg://u@h/thidua_awards"
    assert settings.url_of("awards", owner=True) == settings.url_of("awards")
