"""Places that stay while texts fit, and only then."""

from support.graphs import with_events

from dzviz.options import Layout, Look
from dzviz.placing.kept import Kept
from dzviz.placing.placed import placed
from dzviz.styles import scene_of
from dzviz.text.metrics import text_width


def scene(text="x*w", look=None, **values):
    return scene_of(with_events(text, **values), look or Look())


def test_places_stay_while_all_texts_fit():
    kept, look = Kept(), Look()
    first = kept.placed(scene(x=3, w=2), look, Layout())
    for x in (3.25, -0.1234, 27.5, 0.3):
        again = kept.placed(scene(x=x, w=2), look, Layout())
        assert again.placement == first.placement
    assert kept.count == 1


def test_a_text_that_does_not_fit_has_room_from_then_on():
    kept, look = Kept(), Look()
    kept.placed(scene(x=3, w=2), look, Layout())
    long = scene(x=-1.2345678e-150, w=2)
    for made, count in ((long, 2), (scene(x=3, w=2), 2), (long, 2)):
        picture = kept.placed(made, look, Layout())
        assert kept.count == count
        for shape in made.shapes:
            wide = max(text_width(line, 11) for line in shape.lines)
            assert wide <= picture.box(shape.id).width, shape.lines


def test_another_structure_or_look_is_placed_as_if_nothing_had_been():
    kept = Kept()
    kept.placed(scene(x=-1.2345678e-150, w=2), Look(), Layout())
    other = kept.placed(scene("sin(x)", x=1), Look(), Layout())
    assert other.placement == Kept().placed(scene("sin(x)", x=1), Look(), Layout()).placement
    down = Look(rank_dir="TB")
    kept.placed(scene("sin(x)", down, x=1), down, Layout())
    assert kept.count == 3


def test_numbers_have_more_room_than_they_need_and_names_have_not():
    plain = placed(scene(x=3, w=2), Look(), Layout())
    roomy = Kept().placed(scene(x=3, w=2), Look(), Layout())
    assert roomy.box("v0").width > plain.box("v0").width
    assert roomy.box("f0").width == plain.box("f0").width


def test_the_scene_is_the_one_that_is_asked_for():
    kept = Kept()
    kept.placed(scene(x=3, w=2), Look(), Layout())
    asked = scene(x=4, w=2)
    assert kept.placed(asked, Look(), Layout()).scene is asked
