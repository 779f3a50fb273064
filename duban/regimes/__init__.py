"""The regimes that come with Duban, as data, and what reads them and an office's own."""

from duban.regimes.loading import available_regimes, load_regime, load_rulebook

__all__ = ["available_regimes", "load_regime", "load_rulebook"]
