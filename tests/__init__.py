"""The tests of Kutsu; each states a rule."""
