"""The tree: one list, one root; what a proof shows is so, and nothing else can be shown."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from sharehub.core.merkle import includes, inclusion, leaf_hash, root

LEAVES = st.lists(st.binary(max_size=12), max_size=40)


@given(LEAVES, st.data())
def test_every_leaf_is_proved_and_no_other_in_its_place(leaves: list[bytes], data: st.DataObject) -> None:
    found = root(leaves)
    for index, leaf in enumerate(leaves):
        proof = inclusion(leaves, index)
        assert includes(found, leaf, index, len(leaves), proof)
        other = data.draw(st.binary(max_size=12).filter(lambda one, leaf=leaf: one != leaf))
        assert not includes(found, other, index, len(leaves), proof)
        if leaves.count(leaf) == 1:
            elsewhere = data.draw(st.integers(-2, len(leaves) + 1).filter(lambda at, index=index: at != index))
            assert not includes(found, leaf, elsewhere, len(leaves), proof)


@given(LEAVES, LEAVES)
def test_other_lists_have_other_roots(one: list[bytes], other: list[bytes]) -> None:
    assert (root(one) == root(other)) == (one == other)


@given(st.lists(st.binary(max_size=12), min_size=2, max_size=40))
def test_no_node_passes_for_a_leaf(leaves: list[bytes]) -> None:
    middle = 1 << ((len(leaves) - 1).bit_length() - 1)
    children = root(leaves[:middle]) + root(leaves[middle:])
    assert root(leaves) == hashlib.sha256(b"\x01" + children).digest()
    assert leaf_hash(children) != root(leaves)


@given(st.lists(st.binary(max_size=12), min_size=1, max_size=40), st.data())
def test_a_cut_or_stretched_proof_proves_nothing(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion(leaves, index)
    assert not includes(root(leaves), leaves[index], index, len(leaves), (*proof, root(leaves)))
    if proof:
        assert not includes(root(leaves), leaves[index], index, len(leaves), proof[:-1])


def test_the_roots_are_those_of_the_standard() -> None:
    """RFC 6962 gives no vectors; these three follow from its definition by hand."""
    sha = hashlib.sha256
    one, two = sha(b"\x00a").digest(), sha(b"\x00b").digest()
    assert root([]) == sha(b"").digest()
    assert root([b"a"]) == one
    three = sha(b"\x01" + sha(b"\x01" + one + two).digest() + sha(b"\x00c").digest()).digest()
    assert root([b"a", b"b", b"c"]) == three
