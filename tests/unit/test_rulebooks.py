import pytest

from ctnb import Call, CallContact, dump_rules, load_rules
from ctnb.exceptions import RuleError
from ctnb.leads.rules_file import Rulebook
from ctnb.rulebooks import load_rulebook

RULES = [Call("Звонок"), CallContact("phone", "created_at", depth="2h")]


def test_rules_are_written_and_read(tmp_path):
    path = tmp_path / "правила.toml"
    dump_rules(RULES, path)
    assert load_rules(path) == RULES
    assert load_rules(str(path)) == RULES
    assert b"\r" not in path.read_bytes()


def test_one_rule_is_a_list_of_one(tmp_path):
    dump_rules(RULES[0], tmp_path / "rules.toml")
    assert load_rules(tmp_path / "rules.toml") == RULES[:1]


def test_a_file_saved_by_notepad_is_read(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_bytes('\ufeffcomment = "{stage}"\r\n[[rules]]\r\ntype = "call"\r\nid = "Звонок"\r\n'.encode())
    assert load_rulebook(path) == Rulebook((Call("Звонок"),), comment="{stage}")


def test_a_file_in_another_encoding_is_refused_with_advice(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_bytes('[[rules]]\ntype = "call"\nid = "Звонок"\n'.encode("cp1251"))
    with pytest.raises(RuleError, match=r"rules\.toml is not UTF-8 text\. Save the rules as UTF-8"):
        load_rules(path)


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.toml"):
        load_rules(tmp_path / "none.toml")


def test_a_list_that_cannot_be_used_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "rules.toml"
    dump_rules(RULES, path)
    with pytest.raises(RuleError, match="at most 20"):
        dump_rules([RULES[0]] * 21, path)
    assert load_rules(path) == RULES
