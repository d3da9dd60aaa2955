"""All that ``make paper`` makes, one part for each paper."""

from problems.paper.different_agents import DIFFERENT_AGENTS
from problems.paper.one_agent import ONE_AGENT
from problems.paper.own import OWN
from problems.paper.safe_ef import SAFE_EF

PARTS = (ONE_AGENT, DIFFERENT_AGENTS, SAFE_EF, OWN)
