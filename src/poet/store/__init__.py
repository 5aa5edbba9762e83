"""Versions on disk: readable files next to the user's module, whole or absent.

.poet/
├── .gitignore                 events/ and locks are not for version control
├── fetch_user/
│   ├── function.json          which function this folder belongs to
│   ├── v1/
│   │   ├── enhanced.py        the code that runs
│   │   ├── train.py           how it learns (optional)
│   │   ├── params.json        learned values
│   │   ├── state.json         running figures
│   │   ├── prompt.md          what the model was asked (optional)
│   │   └── metadata.json      provenance, hashes, the gate's report, status
│   ├── current -> v1
│   └── feedback/
└── events/
"""

from .folder import FunctionFolder, find_root, folder_for, folders_in
from .version import Version

__all__ = ["FunctionFolder", "Version", "find_root", "folder_for", "folders_in"]
