"""Service: accounts, roles, permissions, sign-ins and duty posts (账号与权限)."""

from hwrisk.security.permissions import Permission, permissions_of
from hwrisk.security.roles import GrantKind, Role
from hwrisk.security.viewer import Viewer, viewer_of

__all__ = ["GrantKind", "Permission", "Role", "Viewer", "permissions_of", "viewer_of"]
