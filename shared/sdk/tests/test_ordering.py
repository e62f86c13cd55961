"""Names that end in a number, in the order an official expects."""

from __future__ import annotations

from thidua.ordering import by_alphabet, by_number


def test_clusters_come_by_their_roman_number_and_not_by_their_letters() -> None:
    names = ["Cụm IX", "Cụm V", "Khối II", "Cụm IV", "Cụm I", "Khối I", "Cụm XII"]
    assert sorted(names, key=by_number) == ["Cụm I", "Cụm IV", "Cụm V", "Cụm IX", "Cụm XII", "Khối I", "Khối II"]


def test_codes_with_hyphens_and_arabic_numbers_are_ordered_alike() -> None:
    assert sorted(["cum-ix", "cum-iv", "cum-10", "cum-2"], key=by_number) == ["cum-2", "cum-iv", "cum-ix", "cum-10"]


def test_names_without_a_number_stay_in_the_order_of_their_letters() -> None:
    assert sorted(["Bắc", "", "An Giang"], key=by_number) == ["", "An Giang", "Bắc"]


def test_names_follow_the_vietnamese_alphabet_then_the_tones_whatever_their_case() -> None:
    names = ["An", "Anh", "Ăn", "Ân", "Dương", "Đỗ", "ĐỖ An", "Hoa", "Hòa", "Hỏa", "Hõa", "Hóa", "Họa", "Hòa An",
             "Hoa Bình", "Lê", "On", "Ôn", "Ơn", "Uy", "Ưng", "Vũ"]  # fmt: skip
    backwards = names[::-1]
    assert sorted(backwards, key=by_alphabet) == names
    assert sorted(["Đồng bằng II", "Vùng I", "Đồng bằng I"], key=by_number)[0] == "Đồng bằng I"
