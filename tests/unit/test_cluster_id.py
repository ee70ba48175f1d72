"""The id that a new embedded cluster gets."""

from uuid import UUID

from sharehub.embedded.kafka import cluster_id_of


def test_a_cluster_id_never_looks_like_an_option() -> None:
    dashed = UUID(bytes=b"\xf8" + bytes(15))
    assert cluster_id_of(dashed)[0] != "-"
    assert len(cluster_id_of(dashed)) == 22


def test_two_uuids_give_two_cluster_ids() -> None:
    assert cluster_id_of(UUID(int=1)) != cluster_id_of(UUID(int=2))
