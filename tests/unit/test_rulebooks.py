import pytest

from ctnb import Call, CallContact, Rulebook, col, dump_rulebook, load_rulebook
from ctnb.exceptions import RuleError

RULES = [Call("Звонок"), CallContact("phone", "created_at", depth="2h")]


def test_a_rulebook_is_written_and_read(tmp_path):
    path = tmp_path / "правила.toml"
    book = Rulebook(RULES, col("Итог"), key="deal_id", job="", region="KZ", timezone="Asia/Almaty")
    dump_rulebook(book, path)
    assert load_rulebook(path) == load_rulebook(str(path)) == book
    assert b"\r" not in path.read_bytes()


def test_a_file_saved_by_notepad_is_read(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_bytes('\ufeffcomment = "{stage}"\r\n[[rules]]\r\ntype = "call"\r\nid = "Звонок"\r\n'.encode())
    assert load_rulebook(path) == Rulebook(Call("Звонок"), "{stage}")


def test_a_file_in_another_encoding_is_refused_with_advice(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_bytes('[[rules]]\ntype = "call"\nid = "Звонок"\n'.encode("cp1251"))
    with pytest.raises(RuleError, match=r"rules\.toml is not UTF-8 text\. Save the rules as UTF-8"):
        load_rulebook(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.toml"):
        load_rulebook(tmp_path / "none.toml")


def test_a_rulebook_that_no_file_can_hold_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "rules.toml"
    dump_rulebook(Rulebook(RULES), path)
    with pytest.raises(RuleError, match="cannot be stored in a file"):
        dump_rulebook(Rulebook(RULES, lambda deals: deals["stage"]), path)
    with pytest.raises(RuleError, match=r"book is list; a Rulebook is wanted: ctnb\.Rulebook"):
        dump_rulebook(RULES, path)
    assert load_rulebook(path) == Rulebook(RULES)
